"""What was said earlier, as far as the asker and everyone who can read the answer may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.message import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that was found. `text` may be an excerpt around what was looked for; `link` leads to it, or ""."""

    message: str
    place: Place
    author: str
    text: str
    sent_at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """`hits` newest first; `more`: there are older ones; `privately` as in `Found`."""

    hits: tuple[Said, ...] = ()
    more: bool = False
    privately: bool = False


class History(Protocol):
    async def search(
        self,
        words: str,
        *,
        where: str = "",
        author: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> Searched:
        """Messages that hold all the words, newest first. `where`: a channel as people name it, "" for all that may be
        read; `author`: a part of the name. Raises ValueError with what would be right."""
        ...

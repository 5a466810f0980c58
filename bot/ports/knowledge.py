"""The community's own files and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.talk.found import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document. `where` names it for people: a heading, a page."""

    text: str
    source: Source
    where: str = ""


class Knowledge(Protocol):
    async def search(self, words: str, *, limit: int) -> tuple[Passage, ...]:
        """The best passages, best first, of what may be read here. Raises ValueError with what would be right."""
        ...

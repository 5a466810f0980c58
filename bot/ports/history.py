"""What was said earlier, as far as the asker and everyone who can read the answer may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.message import Message, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that was found, by its author's name and key. `text` may be an excerpt around what was looked for;
    `link` leads to it, or ""."""

    message: str
    place: Place
    author: str
    author_key: str
    text: str
    sent_at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """`hits` newest first. `older`: with what to ask on for older ones, "" where there are none. `behind`: so much was
    said lately that some of it cannot be found yet. `privately` as in `Found`."""

    hits: tuple[Said, ...] = ()
    older: str = ""
    behind: bool = False
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
        older: str = "",
        limit: int,
    ) -> Searched:
        """Messages that hold all the words, or all messages where there are none, newest first.

        What stands in quotation marks is looked for as it stands. `where`: a channel as people name it, "here", or ""
        for all that may be read; `author`: words of the name, the id, or "me"; `since` is part of the time,
        `until` is not; `older`: as an earlier answer gave it. Raises ValueError with what would be right.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for in the store, which knows nothing of rights.

    Only in `rooms` (as `Place.room`), of them only in `places` (keys of rooms or of threads in them) where some are
    given; only `by` a person (as `Person.key`) where one is given, and never `but`, an id of the platform. The rest as
    in `History`.
    """

    platform: str
    rooms: frozenset[str]
    places: frozenset[str] = frozenset()
    words: str = ""
    author: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    older: str = ""
    but: str = ""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A message as it reads now. `at`: about where in its text the first word stands that was looked for."""

    message: Message
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The newest first. The rest as in `Searched`."""

    matches: tuple[Match, ...] = ()
    older: str = ""
    behind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """How many messages were taken into the index; `waited`: seconds since the oldest of them was written down."""

    messages: int = 0
    waited: float = 0.0


class MessageSearch(Protocol):
    """The part of the store that searches. Raises DatabaseUnusable."""

    async def find(self, wanted: Wanted) -> Page:
        """Raises ValueError for an `older` that is no message in these rooms."""
        ...


class SearchIndex(Protocol):
    """The part of the store that keeps the index, and does so in steps of bounded size. Raises DatabaseUnusable."""

    async def index_due(self, *, now: datetime, limit: int) -> Indexed:
        """Take so many of the messages that wait into the index, the newest first."""
        ...

    async def tidy_index(self) -> bool:
        """One step to make the index smaller, and to drop what it remembers of entries that went. Whether there is
        more to do."""
        ...

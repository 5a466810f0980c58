"""The community's own files and pages: what tools ask, and what the index keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.embedding import VectorStore
from bot.talk.added import Added, Adding, SaidIn
from bot.talk.found import Source
from bot.talk.knowledge import Chunk, Known, Match, Readers, Shelf, Spot
from bot.talk.message import Message, Place
from bot.talk.turn import Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document. `where` names it for people: headings, a page. `as_of`: when a page was fetched;
    `stale`: that is long ago, or it cannot be fetched any more, so that it may read otherwise by now. `of`: whose words
    it is made of."""

    text: str
    source: Source
    title: str
    where: str = ""
    as_of: datetime | None = None
    stale: bool = False
    of: tuple[Whose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """Best first. `privately` as in `Found`."""

    passages: tuple[Passage, ...] = ()
    privately: bool = False


class Knowledge(Protocol):
    async def search(self, words: str, *, limit: int, labels: Collection[str] = ()) -> Passages:
        """The best passages of what may be read here, of these collections only, where any are named. Raises ValueError
        with what would be right."""
        ...


class Adds(Protocol):
    """Staff's own words become knowledge."""

    async def add(self, question: str, answer: str, readers: Readers, by: str, link: str = "") -> int:
        """`by`: who wrote it, as `Person.key`; `link`: where it was asked, for those who may read that. Returns the
        number by which `/knowledge` calls it. Raises DatabaseUnusable, KnowledgeFull, and ValueError for what is empty
        or too long."""
        ...


class Approves(Protocol):
    """Solved threads become knowledge."""

    async def approve(self, thread: Place, by: str) -> int | None:
        """What is kept of what people have said in the thread can be found by those who can read it, as long as it is
        kept and reads as it does now. None where nothing of it is kept. Raises DatabaseUnusable, KnowledgeFull."""
        ...


class Pins(Protocol):
    """Of one platform."""

    async def pinned(self, place: Place) -> Sequence[Message]:
        """What is pinned there as it reads now, at most as many as a platform has. Raises PlatformUnavailable,
        PlaceGone."""
        ...


class KnowledgeStore(VectorStore, Protocol):
    """The index. Every method is one transaction. Raises DatabaseUnusable."""

    async def known(self) -> Mapping[str, Known]:
        """All documents, by key."""
        ...

    async def known_guilds(self) -> frozenset[str | None]:
        """Of which guilds there is anything to be found; None: of none in particular."""
        ...

    async def save_known(self, document: Known, chunks: Sequence[Chunk], said: Sequence[SaidIn] = ()) -> bool:
        """These are its passages from now on, and no others. `said`: what it is made of; it goes with any of them.
        False where that cannot be kept any more, or what people added was taken back: then nothing is saved."""
        ...

    async def touch_known(self, key: str, *, stamp: str, read_at: datetime) -> None:
        """Its words are still the same."""
        ...

    async def fail_known(self, key: str, *, since: datetime) -> None:
        """It cannot be read again; since when, where that is not known already."""
        ...

    async def drop_known(self, keys: Collection[str]) -> None: ...

    # a search: which shelves, then rankings of what stands on them, then the passages
    async def known_shelves(
        self, *, rooms: Collection[str], guilds: Collection[str], labels: Collection[str] = ()
    ) -> tuple[Shelf, ...]:
        """Those that all may read who can read all these rooms, or are in these guilds; of these labels, where any are
        given. A guild one of whose rooms is among `rooms` counts as one of `guilds`."""
        ...

    async def rank_by_words(self, words: str, shelves: Sequence[Shelf], *, limit: int) -> tuple[Spot, ...]:
        """The best first. Nobody's rank depends on what stands elsewhere. Raises ValueError where nothing in the words
        can be searched for."""
        ...

    async def known_passages(self, spots: Sequence[Spot], shelves: Sequence[Shelf]) -> tuple[Match, ...]:
        """In this order, but those that have gone, or may be read by others than these shelves say by now."""
        ...

    # what people added
    async def added(self) -> Sequence[Added]:
        """In the order in which they were added."""
        ...

    async def add_source(self, source: Adding) -> Added: ...

    async def drop_source(self, number: int) -> bool:
        """With its documents. Whether it was there."""
        ...

    async def said_in(self, place: Place, *, limit: int) -> tuple[Message, ...]:
        """What is kept of what people said to all there, the first first, of those who allow it."""
        ...

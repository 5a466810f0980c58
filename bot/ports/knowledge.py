"""The community's own files and pages: what tools ask, and what the index keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.found import Source
from bot.talk.knowledge import Chunk, Known, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document. `where` names it for people: headings, a page. `as_of`: when a page was fetched."""

    text: str
    source: Source
    title: str
    where: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """Best first. `privately` as in `Found`."""

    passages: tuple[Passage, ...] = ()
    privately: bool = False


class Knowledge(Protocol):
    async def search(self, words: str, *, limit: int) -> Passages:
        """The best passages of what may be read here. Raises ValueError with what would be right."""
        ...


class KnowledgeStore(Protocol):
    """The index. Every method is one transaction. Raises DatabaseUnusable."""

    async def known(self) -> Mapping[str, Known]:
        """All documents, by key."""
        ...

    async def save_known(self, document: Known, chunks: Sequence[Chunk]) -> None:
        """These are its passages from now on, and no others."""
        ...

    async def touch_known(self, key: str, *, stamp: str, read_at: datetime) -> None:
        """Its words are still the same."""
        ...

    async def drop_known(self, keys: Collection[str]) -> None: ...

    async def find_known(
        self, words: str, *, rooms: Collection[str], guilds: Collection[str], limit: int
    ) -> tuple[Match, ...]:
        """The best passages of documents that those who can read all these rooms, or are in these guilds, may read.

        Nobody's rank depends on what they may not read. A guild one of whose rooms is among `rooms` counts as one of
        `guilds`. Raises ValueError where nothing in the words can be searched for.
        """
        ...

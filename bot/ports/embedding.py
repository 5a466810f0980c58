"""What texts mean, as vectors: the seam of embedding models, and what the index keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.talk.knowledge import Shelf, Spot
from bot.talk.vectors import Embedder, Vector

MOST_TEXTS = 8
"""In one call: more would take more memory."""


class Embeds(Protocol):
    """An embedding model. Raises BackendError; works again when the cause is gone."""

    async def about(self) -> Embedder: ...

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Of texts to be found, at most MOST_TEXTS. Gives way to `query`."""
        ...

    async def query(self, text: str) -> Vector:
        """Of what somebody looks for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Passages of a document that have no vectors yet, from the position `first` on: as they are to be embedded.
    `headings`: what each stands below."""

    document: int
    first: int
    texts: Sequence[str]
    headings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """How many of all passages have a vector of the embedder in use."""

    done: int
    passages: int


class Held(NamedTuple):
    """A document of which so many passages have vectors. `language` as in `Known`."""

    document: int
    made: int
    language: str


class VectorStore(Protocol):
    """Vectors of the index. Every method is one transaction. Raises DatabaseUnusable."""

    async def due_vectors(self, fingerprint: str, *, limit: int) -> Due | None:
        """The next passages of one document without a vector of this embedder; None where all have one."""
        ...

    async def save_vectors(self, due: Due, fingerprint: str, vectors: Sequence[Vector]) -> bool:
        """Whether they were taken: not where the document has gone or changed since."""
        ...

    async def embedded(self, fingerprint: str) -> Embedded: ...

    async def held_vectors(self, fingerprint: str, shelves: Sequence[Shelf]) -> tuple[Held, ...]:
        """Which documents on these shelves can be compared."""
        ...

    async def rank_by_meaning(
        self, vector: Vector, fingerprint: str, held: Sequence[Held], *, limit: int
    ) -> tuple[Spot, ...]:
        """The passages of these documents that mean most nearly this, the nearest first."""
        ...

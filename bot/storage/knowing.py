"""The part of the store that keeps the community's own knowledge, over `knowledge.py`, `vectors.py` and `added.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.ports.embedding import Due, Embedded, Held
from bot.storage import added as keeping
from bot.storage import knowledge
from bot.storage import vectors as meanings
from bot.storage.connection import Connections
from bot.storage.latest import Latest
from bot.storage.near import Near, nearest, portions
from bot.storage.ranking import Readable, best
from bot.storage.terms import sought
from bot.talk.added import Added, Adding, SaidIn
from bot.talk.knowledge import Chunk, Known, Match, Shelf, Spot
from bot.talk.message import Message, Place
from bot.talk.vectors import Vector

NEAR_BYTES = 64 * 2**20
"""Of vectors in memory, where the settings say nothing else."""


class SqlKnowledge:
    """Implements `bot.ports.knowledge.KnowledgeStore` and `bot.ports.embedding.VectorStore`."""

    _db: Connections
    _near: Near
    _readable: Latest[Readable]
    _held: Latest[tuple[Held, ...]]

    def hold_vectors(self, most_bytes: int) -> None:
        """So much memory vectors may take."""
        self._near = Near(most_bytes)

    async def known(self) -> Mapping[str, Known]:
        return await self._db.read(knowledge.known)

    async def known_guilds(self) -> frozenset[str | None]:
        return await self._db.read(knowledge.guilds)

    async def save_known(self, document: Known, chunks: Sequence[Chunk], said: Sequence[SaidIn] = ()) -> bool:
        indexed = await asyncio.to_thread(knowledge.index, document, chunks)
        return await self._db.write(lambda c: keeping.save_known(c, document, indexed, said), alone=True)

    async def touch_known(self, key: str, *, stamp: str, read_at: datetime) -> None:
        await self._db.write(lambda c: knowledge.touch(c, key, stamp=stamp, read_at=read_at))

    async def fail_known(self, key: str, *, since: datetime) -> None:
        await self._db.write(lambda c: knowledge.fail(c, key, since=since))

    async def drop_known(self, keys: Collection[str]) -> None:
        await self._db.write(lambda c: knowledge.drop(c, keys), alone=True)

    async def known_shelves(
        self, *, rooms: Collection[str], guilds: Collection[str], labels: Collection[str] = ()
    ) -> tuple[Shelf, ...]:
        return await self._db.read(lambda c: knowledge.shelves(c, rooms=rooms, guilds=guilds, labels=labels))

    async def rank_by_words(self, words: str, shelves: Sequence[Shelf], *, limit: int) -> tuple[Spot, ...]:
        looked_for = sought(words)
        if not looked_for:
            raise ValueError("give at least one word to search for")
        if not shelves:
            return ()
        found, there = await self._db.read(lambda c: knowledge.posted(c, looked_for, shelves, self._readable))
        return tuple(await asyncio.to_thread(best, found, there, limit=limit))

    async def known_passages(self, spots: Sequence[Spot], shelves: Sequence[Shelf]) -> tuple[Match, ...]:
        if not spots:
            return ()
        return await self._db.read(lambda c: knowledge.passages(c, spots, shelves))

    async def due_vectors(self, fingerprint: str, *, limit: int) -> Due | None:
        return await self._db.read(lambda c: meanings.due(c, fingerprint, limit=limit))

    async def save_vectors(self, due: Due, fingerprint: str, vectors: Sequence[Vector]) -> bool:
        return await self._db.write(lambda c: meanings.save(c, due, fingerprint, vectors))

    async def embedded(self, fingerprint: str) -> Embedded:
        return await self._db.read(lambda c: meanings.embedded(c, fingerprint))

    async def held_vectors(self, fingerprint: str, shelves: Sequence[Shelf]) -> tuple[Held, ...]:
        if not shelves:
            return ()
        return await self._db.read(lambda c: meanings.held(c, fingerprint, shelves, self._held))

    async def rank_by_meaning(
        self, vector: Vector, fingerprint: str, held: Sequence[Held], *, limit: int
    ) -> tuple[Spot, ...]:
        near = self._near
        cached, missing = near.split(fingerprint, tuple(held))
        found = await asyncio.to_thread(nearest, vector, cached, limit=limit)
        for portion in portions(missing):
            loaded = await self._db.read(lambda c, some=portion: meanings.load(c, [each.document for each in some]))
            near.keep(fingerprint, portion, loaded, held)
            found += await asyncio.to_thread(nearest, vector, sorted(loaded.items()), limit=limit)
        ranked = sorted(found, key=lambda one: (-one[0], one[1]))[:limit]
        return tuple(spot for _, spot in ranked)

    async def added(self) -> Sequence[Added]:
        return await self._db.read(keeping.sources)

    async def add_source(self, source: Adding) -> Added:
        return await self._db.write(lambda c: keeping.add(c, source))

    async def drop_source(self, number: int) -> bool:
        return await self._db.write(lambda c: keeping.drop(c, number), alone=True)

    async def said_in(self, place: Place, *, limit: int) -> tuple[Message, ...]:
        return await self._db.read(lambda c: keeping.said_in(c, place, limit=limit))

"""The part of the store that keeps the community's own knowledge, over `storage/knowledge.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.storage import knowledge
from bot.storage.connection import Connections
from bot.storage.ranking import best
from bot.storage.terms import sought
from bot.talk.knowledge import Chunk, Known, Match


class SqlKnowledge:
    """Implements `bot.ports.knowledge.KnowledgeStore`."""

    _db: Connections

    async def known(self) -> Mapping[str, Known]:
        return await self._db.read(knowledge.known)

    async def save_known(self, document: Known, chunks: Sequence[Chunk]) -> None:
        indexed = await asyncio.to_thread(knowledge.index, document, chunks)
        await self._db.write(lambda c: knowledge.save(c, document, indexed), alone=True)

    async def touch_known(self, key: str, *, stamp: str, read_at: datetime) -> None:
        await self._db.write(lambda c: knowledge.touch(c, key, stamp=stamp, read_at=read_at))

    async def drop_known(self, keys: Collection[str]) -> None:
        await self._db.write(lambda c: knowledge.drop(c, keys), alone=True)

    async def find_known(
        self, words: str, *, rooms: Collection[str], guilds: Collection[str], limit: int
    ) -> tuple[Match, ...]:
        looked_for = sought(words)
        if not looked_for:
            raise ValueError("give at least one word to search for")
        may = await self._db.read(lambda c: knowledge.audiences(c, rooms=rooms, guilds=guilds))
        if not may:
            return ()
        found, corpus = await self._db.read(lambda c: knowledge.posted(c, looked_for, may))
        ranked = await asyncio.to_thread(best, found, corpus, limit=limit)
        return await self._db.read(lambda c: knowledge.passages(c, ranked, may))

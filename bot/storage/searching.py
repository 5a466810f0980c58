"""The part of the store that searches, and that keeps the index of words: in steps, none of which takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

from bot.ports.history import Indexed, Page, Wanted
from bot.storage import search, search_finding, search_index, search_tidy
from bot.storage.connection import Connections
from bot.storage.search import Question


class SqlSearch:
    """Implements `bot.ports.history.MessageSearch` and `SearchIndex`."""

    _db: Connections

    async def find(self, wanted: Wanted) -> Page:
        question = Question(wanted)
        return await self._db.read(lambda c: search_finding.page(c, question), alone=True)

    async def index_due(self, *, now: datetime, limit: int) -> Indexed:
        rows = await self._db.read(lambda c: search.due(c, limit=limit))
        if not rows:
            return Indexed()
        waiting = await asyncio.to_thread(search.prepared, rows)
        await self._db.write(lambda c: search.enter(c, waiting))
        rooms = {each.entry.room for each in waiting}
        while await self._join_segments(rooms):
            pass
        oldest = min(row["recorded_at"] for row in rows)
        return Indexed(messages=len(rows), waited=max(0.0, (now - oldest).total_seconds()))

    async def _join_segments(self, rooms: Collection[int]) -> bool:
        """One step. Each makes few segments of many, so there is a last one."""
        found = await self._db.read(lambda c: search_index.crowded(c, rooms), alone=True)
        if not found:
            return False
        changes = await asyncio.to_thread(lambda: [search_index.joined(each) for each in found])
        return await self._db.write(lambda c: search_index.replace(c, changes), alone=True)

    async def tidy_index(self) -> bool:
        found = await self._db.read(search_tidy.stale, alone=True)
        if found is None:
            return False
        change = await asyncio.to_thread(search_tidy.cleaned, found)
        await self._db.write(lambda c: search_tidy.take_out(c, found, change), alone=True)
        return True

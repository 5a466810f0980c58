"""The part of the store that searches, and that keeps the index of words: in steps, none of which takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from bot.ports.history import Indexed, Match, Page, Wanted
from bot.storage import search, search_index
from bot.storage.connection import Connections
from bot.storage.search import Bounds, Question
from bot.storage.transcript import to_message

FIRST_LOOK, LONGEST_LOOK = 64, 512
"""Messages that are read and compared at a time; ever more while they are not what is looked for."""
LOOKED_AT = 3000
"""Messages that one search compares, at most. It then tells where to go on."""


class SqlSearch:
    """Implements `bot.ports.history.MessageSearch` and `SearchIndex`."""

    _db: Connections

    async def find(self, wanted: Wanted) -> Page:
        question = Question(wanted)
        where = await self._db.read(lambda c: search.bounds(c, wanted))
        found: list[Match] = []
        below, looked_at, look, seen = search_index.NO_END, 0, FIRST_LOOK, ""
        while looked_at < LOOKED_AT:
            seqs, rows = await self._db.read(_step(question, where, below, look))
            fitting, seen = await asyncio.to_thread(_compared, question, rows, seen)
            found += fitting
            if len(found) > wanted.limit:
                told = tuple(found[: wanted.limit])
                return Page(matches=told, older=told[-1].message.id, behind=where.behind)
            if len(seqs) < look:
                return Page(matches=tuple(found), behind=where.behind)
            below, looked_at, look = seqs[-1], looked_at + len(seqs), min(look * 2, LONGEST_LOOK)
        return Page(matches=tuple(found), older=seen, behind=where.behind)

    async def index_due(self, *, now: datetime, limit: int) -> Indexed:
        rows = await self._db.read(lambda c: search.due(c, limit=limit))
        if not rows:
            return Indexed()
        waiting = await asyncio.to_thread(search.prepared, rows)
        await self._db.write(lambda c: search.enter(c, waiting))
        oldest = min(row["recorded_at"] for row in rows)
        return Indexed(messages=len(rows), waited=max(0.0, (now - oldest).total_seconds()))

    async def tidy_index(self) -> bool:
        return await self._db.write(search_index.tidy, alone=True)


def _step(
    question: Question, where: Bounds, below: int, look: int
) -> Callable[[Connection], tuple[list[int], list[RowMapping]]]:
    def work(connection: Connection) -> tuple[list[int], list[RowMapping]]:
        seqs = search.proposed(connection, question, where, below=below, limit=look)
        return seqs, search.read(connection, seqs)

    return work


def _compared(question: Question, rows: Sequence[RowMapping], seen: str) -> tuple[list[Match], str]:
    """What is looked for, and the id of the last of them that may be read at all."""
    read = [to_message(row) for row in rows]
    reached = [message.id for message in read if message.place.room in question.wanted.rooms]
    found = [Match(message=message, at=question.at(message)) for message in read if question.fits(message)]
    return found, reached[-1] if reached else seen

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

FIRST_LOOK, LONGEST_LOOK = 32, 512
"""Messages that are read and compared at a time; ever more while they are not what is looked for."""
LOOKED_AT = 1500
"""Messages that one search compares, at most. It then tells where to go on."""


class SqlSearch:
    """Implements `bot.ports.history.MessageSearch` and `SearchIndex`."""

    _db: Connections

    async def find(self, wanted: Wanted) -> Page:
        question, where = Question(wanted), None
        found: list[Match] = []
        below, looked_at, look, seen = search_index.NO_END, 0, FIRST_LOOK, ""
        while True:
            where, seqs, rows = await self._db.read(_step(question, where, below, look))
            most = wanted.limit + 1 - len(found)
            fitting, seen = await asyncio.to_thread(_compared, question, rows, seen, most=most)
            found += fitting
            if len(found) > wanted.limit:
                told = tuple(found[: wanted.limit])
                return Page(matches=told, older=told[-1].message.id, behind=where.behind)
            if len(seqs) < look:
                return Page(matches=tuple(found), behind=where.behind)
            below, looked_at, look = seqs[-1], looked_at + len(seqs), min(look * 2, LONGEST_LOOK)
            if looked_at >= LOOKED_AT:
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
    question: Question, known: Bounds | None, below: int, look: int
) -> Callable[[Connection], tuple[Bounds, list[int], list[RowMapping]]]:
    def work(connection: Connection) -> tuple[Bounds, list[int], list[RowMapping]]:
        where = known or search.bounds(connection, question.wanted)
        seqs = search.proposed(connection, question, where, below=below, limit=look)
        return where, seqs, search.read(connection, seqs)

    return work


def _compared(question: Question, rows: Sequence[RowMapping], seen: str, *, most: int) -> tuple[list[Match], str]:
    """What is looked for, so many at most, and the id of the last message that was looked at and may be read."""
    found: list[Match] = []
    for row in rows:
        message = to_message(row)
        if message.place.room in question.wanted.rooms:
            seen = message.id
        if question.fits(message):
            found.append(Match(message=message, at=question.at(message)))
            if len(found) == most:
                break
    return found, seen

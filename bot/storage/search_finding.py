"""One search under way: the index is walked from the newest message on, and what it proposes is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, RowMapping

from bot.errors import DatabaseUnusable
from bot.ports.history import Match, Page, Wanted
from bot.storage import search, search_index
from bot.storage.connection import Connections
from bot.storage.search import Bounds, Question
from bot.storage.search_index import NO_END
from bot.storage.search_walk import Lot, Walk
from bot.storage.transcript import to_message

LONGEST_LOOK = 512
"""Messages that are read and compared at a time; ever more while they are not what is looked for."""
LOOKED_AT = 1500
"""Messages that one search compares, at most. It then tells where to go on."""
WALKED = 500_000
"""Postings of the index that one search looks at, about, before it tells where to go on."""
PASSED = 512
"""Messages among which one is looked for to go on from."""
ANEW = 20
"""Times that a search begins again because the segments that it walks have been replaced."""

_Pages = Mapping[int, bytes] | None


class Finding:
    def __init__(self, db: Connections, wanted: Wanted) -> None:
        self._db = db
        self._wanted = wanted
        self._question = Question(wanted)
        self._where: Bounds | None = None
        self._anew = 0

    async def page(self) -> Page:
        where, walk = await self._begin(below=NO_END)
        found: list[Match] = []
        look, looked_at, walked = self._wanted.limit + 1, 0, WALKED
        while True:
            walk = await self._ahead(walk, look, most=walked)
            seqs = walk.take(look)
            if seqs:
                found += await self._compared(seqs, most=self._wanted.limit + 1 - len(found))
                looked_at, look = looked_at + len(seqs), min(look * 2, LONGEST_LOOK)
            if len(found) > self._wanted.limit:
                told = tuple(found[: self._wanted.limit])
                return Page(matches=told, older=told[-1].message.id, behind=where.behind)
            if walk.at_its_end:
                return Page(matches=tuple(found), behind=where.behind)
            if looked_at >= LOOKED_AT or not seqs:
                # Of those that were just compared, or of those below which nothing was looked at.
                passed, below = (seqs, NO_END) if seqs else (walk.passed[-PASSED:], walk.below)
                if older := await self._landmark(passed, below=below):
                    return Page(matches=tuple(found), older=older, behind=where.behind)
                walked = walk.walked + WALKED

    async def _begin(self, *, below: int) -> tuple[Bounds, Walk]:
        question = self._question

        def work(connection: Connection) -> tuple[Bounds, Walk, Lot, _Pages]:
            where = self._where or search.bounds(connection, question.wanted)
            walk = search.walk(connection, question, where, below=below)
            lot = walk.lot()
            return where, walk, lot, _pages(walk, lot)(connection)

        while True:
            self._where, walk, lot, pages = await self._db.read(work)
            if pages is not None:
                await asyncio.to_thread(walk.feed, lot, pages)
                return self._where, walk
            self._require_patience()

    async def _ahead(self, walk: Walk, look: int, *, most: int) -> Walk:
        """Until so many messages are known to be next, or so many postings were looked at."""
        while not walk.has(look) and walk.walked < most:
            lot = walk.lot()
            pages = await self._db.read(_pages(walk, lot))
            if pages is not None:
                await asyncio.to_thread(walk.feed, lot, pages)
            else:
                self._require_patience()
                _, walk = await self._begin(below=walk.below)
        return walk

    def _require_patience(self) -> None:
        self._anew += 1
        if self._anew > ANEW:
            raise DatabaseUnusable("The search index changes faster than it can be read. Search again later.")

    async def _compared(self, seqs: Sequence[int], *, most: int) -> list[Match]:
        rows = await self._db.read(lambda c: search.read(c, seqs))
        return await asyncio.to_thread(_fitting, self._question, rows, most=most)

    async def _landmark(self, seqs: Sequence[int], *, below: int) -> str:
        """The id of a message from which to go on, where one of these can be told of."""
        rooms = self._wanted.rooms
        return await self._db.read(lambda c: search.landmark(c, seqs, rooms, below=below))


def _pages(walk: Walk, lot: Lot) -> Callable[[Connection], _Pages]:
    return lambda c: search_index.pages(c, walk.pages(lot), [segment for _, segment in lot])


def _fitting(question: Question, rows: Sequence[RowMapping], *, most: int) -> list[Match]:
    """What is looked for, so many at most."""
    found: list[Match] = []
    for row in rows:
        if question.says(row["body"]):
            message = to_message(row)
            if question.fits(message):
                found.append(Match(message=message, at=question.at(message)))
                if len(found) == most:
                    break
    return found

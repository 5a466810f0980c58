"""One search: the index is walked from the newest message on, and what it proposes is compared.

All of it in one transaction that sees one moment: segments that others replace meanwhile stay readable.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping

from bot.ports.history import Match, Page
from bot.storage import search, search_index
from bot.storage.connection import aside
from bot.storage.search import Question
from bot.storage.search_index import NO_END
from bot.storage.search_walk import Walk
from bot.storage.transcript import to_message

LONGEST_LOOK = 512
"""Messages that are read and compared at a time; ever more while they are not what is looked for."""
LOOKED_AT = 1500
"""Messages that one search compares, at most. It then tells where to go on."""
WALKED = 500_000
"""Postings of the index that one search looks at, about, before it tells where to go on."""
PASSED = 512
"""Messages among which one is looked for to go on from."""


def page(connection: Connection, question: Question) -> Page:
    limit, where = question.wanted.limit, search.bounds(connection, question.wanted)
    walk = search.walk(connection, question, where)
    found: list[Match] = []
    look, looked_at, walked = limit + 1, 0, WALKED
    while True:
        _go_on(connection, walk, look, most=walked)
        seqs = walk.take(look)
        if seqs:
            found += _compared(connection, question, seqs, most=limit + 1 - len(found))
            looked_at, look = looked_at + len(seqs), min(look * 2, LONGEST_LOOK)
        if len(found) > limit:
            told = tuple(found[:limit])
            return Page(matches=told, older=told[-1].message.id, behind=where.behind)
        if walk.at_its_end:
            return Page(matches=tuple(found), behind=where.behind)
        if looked_at >= LOOKED_AT or not seqs:
            # Of those that were just compared, or of those below which nothing was looked at.
            passed, below = (seqs, NO_END) if seqs else (walk.passed[-PASSED:], walk.below)
            if older := search.landmark(connection, passed, question.wanted.rooms, below=below):
                return Page(matches=tuple(found), older=older, behind=where.behind)
            walked = walk.walked + WALKED


def _go_on(connection: Connection, walk: Walk, look: int, *, most: int) -> None:
    """Until so many messages are known to be next, or so many postings were looked at."""
    while not walk.has(look) and walk.walked < most:
        lot = walk.lot()
        pages = search_index.pages(connection, walk.pages(lot))
        aside(connection, lambda lot=lot, pages=pages: walk.feed(lot, pages))


def _compared(connection: Connection, question: Question, seqs: Sequence[int], *, most: int) -> list[Match]:
    rows = search.read(connection, seqs)
    return aside(connection, lambda: _fitting(question, rows, most=most))


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

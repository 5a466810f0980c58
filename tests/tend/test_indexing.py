"""What was said gets into the search index by itself, gently, and failures are tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import DatabaseUnusable
from bot.ports.history import Indexed
from bot.tend.indexing import BATCH, FIRST_PAUSE, PAUSE_SECONDS, TIDY_EVERY, Indexing
from tests.fakes import FakeClock, FakeCounters


@dataclass(slots=True)
class FakeIndex:
    """`waiting` messages wait; `untidy`: steps of tidying that are left."""

    waiting: int = 0
    untidy: int = 0
    failures: list[Exception] = field(default_factory=list[Exception])
    steps: int = 0

    async def index_due(self, *, now: datetime, limit: int) -> Indexed:
        self.steps += 1
        if self.failures:
            raise self.failures.pop(0)
        done = min(limit, self.waiting)
        self.waiting -= done
        return Indexed(messages=done, waited=1.5)

    async def tidy_index(self) -> bool:
        self.untidy -= 1
        return self.untidy > 0


@asynccontextmanager
async def indexing(index: FakeIndex) -> AsyncGenerator[tuple[FakeClock, FakeCounters]]:
    clock, counters = FakeClock(), FakeCounters()
    task = asyncio.create_task(Indexing(index, clock=clock, counters=counters).run())
    try:
        yield clock, counters
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_all_that_waits_is_taken_in_and_counted() -> None:
    index = FakeIndex(waiting=3 * BATCH + 1)
    async with indexing(index) as (clock, counters):
        await clock.advance(PAUSE_SECONDS)
        assert index.waiting == 0
        assert counters.get("messages_indexed_total") == 3 * BATCH + 1
        assert counters.observed["message_indexed_seconds"] == [1.5] * 4
        index.waiting = 1
        await clock.advance(PAUSE_SECONDS)
        assert index.waiting == 0


async def test_a_failure_is_counted_and_tried_again_after_growing_pauses() -> None:
    index = FakeIndex(waiting=1, failures=[DatabaseUnusable("locked"), ValueError("unheard of")])
    async with indexing(index) as (clock, counters):
        await clock.advance(FIRST_PAUSE)
        assert (index.steps, index.waiting) == (2, 1)
        await clock.advance(FIRST_PAUSE)
        assert index.steps == 2
        await clock.advance(FIRST_PAUSE)
        assert index.waiting == 0
        assert counters.get("search_index_failures_total") == 2


async def test_it_tidies_once_a_day_when_nothing_waits() -> None:
    index = FakeIndex(untidy=3)
    async with indexing(index) as (clock, _):
        await clock.advance(PAUSE_SECONDS)
        assert index.untidy == 3
        clock.jump(TIDY_EVERY.total_seconds())
        await clock.advance(PAUSE_SECONDS * 2)
        assert index.untidy == 0
        await clock.advance(PAUSE_SECONDS * 2)
        assert index.untidy == 0

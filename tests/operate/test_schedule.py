"""The schedule: ticks come when they are due, and one that fails does not end the others."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from bot.errors import DatabaseUnusable
from bot.operate.clock import SystemClock
from bot.operate.schedule import Rhythm, Schedule, every_minute
from bot.talk.event import Event, Tick

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Often(BaseTrigger):
    """Due every few milliseconds; `enough` is set once it has fired ten times."""

    def __init__(self) -> None:
        self.asked = 0
        self.enough = asyncio.Event()

    # The library declares that this returns None.
    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.asked += 1
        if self.asked > 10:
            self.enough.set()
        return now + timedelta(milliseconds=5)


class StoppedClock(SystemClock):
    def now(self) -> datetime:
        return NOON


class Ear:
    """Hears events; fails on the first `failures` of them."""

    def __init__(self, *failures: Exception) -> None:
        self.heard: list[Event] = []
        self.failures = list(failures)
        self.came = asyncio.Event()
        self.wanted = 1

    async def hear(self, event: Event) -> None:
        self.heard.append(event)
        if len(self.heard) >= self.wanted:
            self.came.set()
        if self.failures:
            raise self.failures.pop(0)


async def _until(ear: Ear, *rhythms: Rhythm, count: int = 1) -> None:
    ear.wanted = count
    running = asyncio.create_task(Schedule(rhythms=rhythms, hear=ear.hear, clock=StoppedClock()).run())
    try:
        async with asyncio.timeout(30):
            await ear.came.wait()
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_rhythm_that_is_due_ticks_through_the_real_scheduler() -> None:
    ear = Ear()
    await _until(ear, Rhythm(name="now", trigger=DateTrigger(datetime.now(UTC))))
    assert ear.heard == [Tick(name="now", at=NOON)]


@pytest.mark.parametrize("failure", [DatabaseUnusable("the database is locked"), RuntimeError("a bug")])
async def test_a_tick_that_fails_is_logged_and_the_next_one_comes(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear(failure)
    with caplog.at_level(logging.WARNING):
        await _until(ear, Rhythm(name="often", trigger=Often()), count=3)
    assert len(ear.heard) >= 3
    assert [record.getMessage() for record in caplog.records if "often" in record.getMessage()]


async def test_ticks_of_one_name_do_not_pile_up_behind_a_slow_one() -> None:
    ear, release = Ear(), asyncio.Event()
    ticks = 0

    async def slow(event: Event) -> None:
        nonlocal ticks
        ticks += 1
        await ear.hear(event)
        await release.wait()

    first, other = Often(), Often()
    rhythms = [Rhythm(name="plans", trigger=first), Rhythm(name="other", trigger=other)]
    schedule = Schedule(rhythms=rhythms, hear=slow, clock=StoppedClock())
    running = asyncio.create_task(schedule.run())
    async with asyncio.timeout(30):
        await ear.came.wait()
        await first.enough.wait()
        await other.enough.wait()
    assert ticks == 1
    assert schedule.waiting == 2
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_stopping_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    await _until(Ear(), Rhythm(name="often", trigger=Often()))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def test_a_minute_ticks_when_it_is_full() -> None:
    trigger = every_minute("plans").trigger
    fired = trigger.get_next_fire_time(None, NOON + timedelta(seconds=1))
    assert fired is not None
    assert fired == NOON + timedelta(minutes=1)
    assert trigger.get_next_fire_time(fired, fired + timedelta(milliseconds=1)) == NOON + timedelta(minutes=2)

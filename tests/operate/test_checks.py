"""Checks: what takes a while is looked at by one at a time, what does not move is noticed, and since when is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.errors import DatabaseUnusable
from bot.operate.checks import AGAIN_SECONDS, Probe, Readiness, Stall, Verdict, ready
from tests.fakes import START, FakeClock
from tests.settling import settle

WELL = Verdict(well=True, found="fine")
SECRET = "periwinkle"


class Looking:
    """Something that is looked at: `open` lets a look end; `fails` is raised by it."""

    def __init__(self) -> None:
        self.looks = 0
        self.at_once = 0
        self.open = asyncio.Event()
        self.open.set()
        self.fails: Exception | None = None

    async def look(self) -> Verdict:
        self.looks += 1
        self.at_once += 1
        assert self.at_once == 1
        try:
            await self.open.wait()
            if self.fails is not None:
                raise self.fails
            return WELL
        finally:
            self.at_once -= 1


@asynccontextmanager
async def probing(look: Callable[[], Awaitable[Verdict]], clock: FakeClock) -> AsyncGenerator[Probe]:
    probe = Probe("the database", look, mend="Mend it.", good_for=5, clock=clock)
    task = asyncio.create_task(probe.run())
    try:
        yield probe
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_however_many_ask_at_a_time_there_is_one_look() -> None:
    looking, clock = Looking(), FakeClock()
    looking.open.clear()
    async with probing(looking.look, clock) as probe:
        asking = [asyncio.create_task(probe.fresh(5)) for _ in range(100)]
        await settle()
        assert not probe.verdict().well
        looking.open.set()
        await asyncio.gather(*asking)
        assert (looking.looks, probe.verdict()) == (1, WELL)


async def test_what_was_found_is_believed_for_a_while_and_then_looked_at_again() -> None:
    looking, clock = Looking(), FakeClock()
    async with probing(looking.look, clock) as probe:
        for seconds, looks in ((0, 1), (4.9, 1), (0.2, 2)):
            await clock.advance(seconds)
            await probe.fresh(5)
            assert looking.looks == looks


async def test_what_is_wrong_is_told_with_what_to_do_and_is_soon_seen_to_be_well_again() -> None:
    looking, clock = Looking(), FakeClock()
    looking.fails = DatabaseUnusable("The database is locked.")
    async with probing(looking.look, clock) as probe:
        await probe.fresh(5)
        assert probe.verdict() == Verdict(well=False, found="The database is locked.", mend="Mend it.")
        looking.fails = None
        await clock.advance(AGAIN_SECONDS)
        await probe.fresh(5)
        assert probe.verdict() == WELL


async def test_a_foreign_error_is_told_by_its_kind_alone_and_the_probe_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looking, clock = Looking(), FakeClock()
    looking.fails = ValueError(SECRET)
    async with probing(looking.look, clock) as probe:
        await probe.fresh(5)
        assert probe.verdict().found == "the database could not be looked at (ValueError)"
        looking.fails = None
        await clock.advance(AGAIN_SECONDS)
        await probe.fresh(5)
        assert probe.verdict().well
    assert "could not be looked at" in caplog.text


async def test_a_look_that_does_not_end_keeps_nobody_waiting_and_is_itself_what_is_wrong() -> None:
    looking, clock = Looking(), FakeClock()
    async with probing(looking.look, clock) as probe:
        await probe.fresh(5)
        looking.open.clear()
        await clock.advance(6)
        await probe.fresh(0.01)
        assert probe.verdict() == WELL
        await clock.advance(60)
        await probe.fresh(0.01)
        told = probe.verdict()
        assert (told.well, told.found) == (False, "the database has not answered for 60 s")
        assert looking.looks == 2
        looking.open.set()
        await probe.fresh(5)
        assert probe.verdict() == WELL


def stall(waiting: Callable[[], int], progress: Callable[[], int], clock: FakeClock) -> Stall:
    return Stall(waiting=waiting, progress=progress, seconds=60, stuck="nothing moved", mend="Restart.", clock=clock)


async def test_what_waits_without_anything_moving_is_stuck_after_its_time() -> None:
    clock, waiting, moved = FakeClock(), 3, 0
    check = stall(lambda: waiting, lambda: moved, clock)
    assert check().well
    await clock.advance(59)
    assert check().well
    await clock.advance(2)
    assert check() == Verdict(well=False, found="nothing moved for 61 s while 3 wait", mend="Restart.")
    moved = 1
    assert check() == Verdict(well=True, found="3 waiting")


async def test_whatever_moves_or_does_not_wait_is_not_stuck_however_long_it_takes() -> None:
    clock, waiting, moved = FakeClock(), 5000, 0
    check = stall(lambda: waiting, lambda: moved, clock)
    for _ in range(100):
        moved += 1
        await clock.advance(50)
        assert check().well
    waiting = 0
    await clock.advance(10_000)
    assert check().well
    waiting = 1  # it has only just come
    await clock.advance(59)
    assert check().well


async def test_since_when_something_is_so_is_told_until_it_changes() -> None:
    clock, verdict = FakeClock(), WELL
    readiness = Readiness({"engine": lambda: verdict}, clock=clock)
    (first,) = await readiness.look(seconds=1)
    assert (first.since, ready([first])) == (START, True)
    await clock.advance(10)
    verdict = Verdict(well=False, found="away")
    (second,) = await readiness.look(seconds=1)
    await clock.advance(10)
    verdict = Verdict(well=False, found="still away")
    (third,) = await readiness.look(seconds=1)
    assert second.since == third.since == START + timedelta(seconds=10)
    assert (third.verdict.found, ready([first, third])) == ("still away", False)


async def test_a_check_that_breaks_is_not_well_and_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Verdict:
        raise ValueError(SECRET)

    readiness = Readiness({"broken": broken, "engine": lambda: WELL}, clock=FakeClock())
    told = {each.name: each.verdict for each in readiness.standing()}
    assert told["engine"] == WELL
    assert told["broken"].found == "could not be looked at (ValueError)"
    assert "the check broken broke" in caplog.text

"""The watchdog: a loop that stands still is told where, and whatever is stuck is told once."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.operate.checks import Readiness, Standing, Verdict
from bot.operate.clock import SystemClock
from bot.operate.watchdog import LOOK_SECONDS, LoopWatch, Watchdog, stack_of
from tests.fakes import START, FakeClock, FakeCounters
from tests.settling import settle

SECRET = "periwinkle"

# The loop of a whole process blocks, as a careless library would block it; standard error is what the operator sees.
WEDGED = """
import asyncio, logging, sys, time
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.operate.watchdog import LoopWatch

def careless(words):
    time.sleep(2.5)

async def main():
    counters = MemoryCounters()
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
    async with LoopWatch(clock=SystemClock(), counters=counters, wedged=1.0, beat=0.05) as watch:
        await asyncio.sleep(0.2)
        careless("periwinkle")
        while not counters.total("watchdog_alarms_total"):
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.8)  # the thread sees that it turns again
        print(counters.total("watchdog_alarms_total"), watch.worst > 2)

asyncio.run(main())
"""


def test_a_loop_that_stands_still_is_told_once_with_where_it_hangs_and_once_when_it_turns_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WEDGED],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
        cwd=Path(__file__).resolve().parents[2],
    )
    stuck, again = done.stderr.splitlines()
    assert stuck.startswith("ERROR the event loop has stood still for ")
    assert "main (<string>:15) > careless (<string>:8)" in stuck
    assert "restart the program" in stuck
    assert again.startswith("WARNING the event loop turns again")
    assert SECRET not in done.stderr
    assert done.stdout.split() == ["1", "True"]


async def test_a_loop_that_turns_is_told_nothing_of_and_the_thread_ends(caplog: pytest.LogCaptureFixture) -> None:
    counters, beats = FakeCounters(), asyncio.Semaphore(0)
    watching = LoopWatch(clock=SystemClock(), counters=counters, beat=0.01, on_beat=beats.release)
    async with watching:
        for _ in range(5):
            await beats.acquire()
        assert "calanque-watch" in {thread.name for thread in threading.enumerate()}
    assert "calanque-watch" not in {thread.name for thread in threading.enumerate()}
    assert len(counters.observed["loop_lag_seconds"]) >= 5
    assert counters.get("watchdog_alarms_total", of="loop") == 0
    assert 0 <= watching.worst < 5
    assert caplog.messages == []


def test_a_stack_tells_functions_and_lines_alone() -> None:
    def inner(word: str) -> str:
        assert word == SECRET
        return stack_of(threading.get_ident())

    told = inner(SECRET)
    assert "inner (test_watchdog.py:" in told
    assert SECRET not in told
    assert stack_of(-1) == "an unknown place"


def standing(name: str, *, well: bool) -> Standing:
    verdict = Verdict(well=True, found="fine") if well else Verdict(well=False, found="it hangs.", mend="Restart it.")
    return Standing(name=name, verdict=verdict, since=START)


def test_each_change_is_told_once_and_only_of_what_nobody_else_tells(caplog: pytest.LogCaptureFixture) -> None:
    counters, clock = FakeCounters(), FakeClock()
    watchdog = Watchdog(Readiness({}, clock=clock), alarms=("answering",), clock=clock, counters=counters)
    caplog.set_level(logging.INFO)
    for well in (True, True, False, False, False, True, True, False):
        watchdog.heed([standing("answering", well=well), standing("discord", well=not well)])
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "answering: it hangs. Restart it."),
        ("INFO", "answering: well again"),
        ("ERROR", "answering: it hangs. Restart it."),
    ]
    assert counters.get("watchdog_alarms_total", of="answering") == 2


async def test_it_looks_by_itself_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    counters, clock, well = FakeCounters(), FakeClock(), True
    readiness = Readiness({"database": lambda: standing("database", well=well).verdict}, clock=clock)
    running = asyncio.create_task(Watchdog(readiness, alarms=("database",), clock=clock, counters=counters).run())
    await settle()
    well = False
    await clock.advance(LOOK_SECONDS + 1)
    assert counters.get("watchdog_alarms_total", of="database") == 1
    await clock.advance(LOOK_SECONDS * 10)
    assert len(caplog.messages) == 1
    running.cancel()
    await asyncio.wait({running})

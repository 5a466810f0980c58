"""What passes by is timed: requests that fall silent are seen, and how long people wait is known."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.errors import EngineBroke, EngineRefused
from bot.operate.attended import SLOW_CHUNKS, Attended
from bot.talk.prompt import Prompt
from tests.fakes import FakeClock, FakeEngine, said
from tests.rig import rig
from tests.settling import settle

PROMPT = Prompt(pieces=())


async def _read(attended: Attended) -> None:
    async with aclosing(attended.stream(PROMPT, reply_tokens=10)) as chunks:
        async for _ in chunks:
            pass


async def test_a_request_is_overdue_when_it_is_silent_for_longer_than_it_may_be() -> None:
    gates = [asyncio.Event() for _ in range(SLOW_CHUNKS + 1)]
    script = [step for gate in gates for step in (gate, "word")]
    clock = FakeClock()
    attended = Attended(FakeEngine(script), first=100, stall=10, clock=clock)
    assert (attended.in_flight, attended.overdue) == (0, 0)
    reading = asyncio.create_task(_read(attended))
    await settle()
    for gate, allowed in zip(gates, [100, 100, 10], strict=True):
        await clock.advance(allowed)
        assert (attended.in_flight, attended.overdue) == (1, 0)
        await clock.advance(5)
        assert attended.overdue == 5
        gate.set()
        await settle()
        assert attended.overdue == 0
    await reading
    assert (attended.in_flight, attended.ended) == (0, 1)


async def test_a_request_that_fails_or_is_left_is_in_flight_no_more() -> None:
    attended = Attended(FakeEngine((EngineBroke(),), (asyncio.Event(),)), first=100, stall=10, clock=FakeClock())
    with pytest.raises(EngineBroke):
        await _read(attended)
    leaving = asyncio.create_task(_read(attended))
    await settle()
    assert attended.in_flight == 1
    leaving.cancel()
    await asyncio.wait({leaving})
    assert (attended.in_flight, attended.ended) == (0, 2)


async def test_how_long_people_wait_for_the_first_words_and_for_the_end_is_known(tmp_path: Path) -> None:
    first, last = asyncio.Event(), asyncio.Event()
    async with rig(tmp_path, (first, "Once upon ", last, "a time.")) as house:
        await house.says(said("tell me"))
        await house.engine.asked.wait()
        await house.clock.advance(7)
        first.set()
        await house.passes(20)
        await house.platform.until(lambda shown: shown.text == "Once upon ")
        last.set()
        await house.platform.final("Once upon a time.")
        assert house.counters.observed["answer_first_text_seconds"] == [7]
        assert house.counters.observed["answer_seconds"] == [27]


async def test_an_answer_that_never_came_is_not_measured(tmp_path: Path) -> None:
    async with rig(tmp_path, (EngineRefused("gone"),)) as house:
        await house.says(said("tell me"))
        await house.platform.final("failed")
        await house.idle()
        assert "answer_seconds" not in house.counters.observed

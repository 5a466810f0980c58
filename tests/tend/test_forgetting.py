"""Words that people took back are in no notes, no prompt and no request of idle work, whatever was being prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.plans import Retention, retention_plan
from bot.settings import Settings
from bot.talk.event import Deleted
from bot.talk.message import Place
from bot.talk.plan import Run
from tests.fakes import BEN, GENERAL, START, said
from tests.rig import Rig
from tests.tend.talking import FULL, NOTES, answers, ask, pause, talking

ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")
SECRET = "the key is under the mat"


async def filled(house: Rig) -> None:
    await ask(house, 0, text=SECRET)
    for number in range(1, FULL):
        await ask(house, number)


async def test_what_was_prepared_for_a_channel_that_is_forgotten_is_never_told_in_its_next_life(tmp_path: Path) -> None:
    scripts = (*answers(FULL), (f"{NOTES} Also: {SECRET}.",), ("Yes.",), *answers(FULL), (NOTES,), ("Yes.",))
    async with talking(tmp_path, *scripts) as house:
        await filled(house)
        with house.engine.reading_held():
            await pause(house)
            await house.says(said("urgent", by=BEN, place=ELSEWHERE))
            await house.idle()
        await house.store.forget_place(GENERAL)
        before = len(house.engine.prompts)
        for number in range(FULL):
            await ask(house, 10 + number)
        await pause(house)
        await ask(house, 20)
        later = [piece.text for prompt in house.engine.prompts[before:] for piece in prompt.pieces]
        assert SECRET not in "\n".join(later)
        assert "question 16" in house.asked()


async def test_words_deleted_while_the_notes_are_written_are_not_read_ahead(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with talking(tmp_path, *answers(FULL), (gate, f"{NOTES} Also: {SECRET}."), (NOTES,)) as house:
        await filled(house)
        await pause(house)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=("q0",)))
        gate.set()
        await pause(house)
        assert house.engine.warmed
        assert SECRET not in "\n".join(piece.text for prompt in house.engine.warmed for piece in prompt.pieces)


async def delete(house: Rig) -> None:
    await house.hearing.hear(Deleted(place=GENERAL, message_ids=("q0",)))


async def forget(house: Rig) -> None:
    await house.presses("forget-me:yes", by=BEN)


async def expire(house: Rig) -> None:
    """The first question is older than the others."""
    days = Settings().memory.retention_days
    house.clock.jump(timedelta(days=days, seconds=1).total_seconds())
    retention = Retention(house.store, days=days, clock=house.clock, counters=house.counters)
    plan = retention_plan("UTC", now=START)
    await retention.run(Run(plan=plan, at=START, claimed_at=START, attempt=1, token="t"))
    house.clock.jump(-timedelta(days=days, seconds=1).total_seconds())


@pytest.mark.parametrize("act", [delete, forget, expire])
async def test_whatever_takes_a_turn_away_is_a_break_with_a_cause(
    tmp_path: Path, act: Callable[[Rig], Awaitable[None]]
) -> None:
    async with talking(tmp_path, *answers(3), tending=False) as house:
        await house.says(said("question 0", by=BEN, message_id="q0"))
        await house.idle()
        await house.says(said("question 1", message_id="q1", at=START + timedelta(days=1)))
        await house.idle()
        await act(house)
        await house.says(said("question 2", at=START + timedelta(days=2)))
        await house.idle()
        assert "question 0" not in house.asked()
        assert "question 1" in house.asked()
        assert house.counters.get("prefix_breaks_total", cause="deletion") == 1

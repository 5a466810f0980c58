"""Clocks on walls are set forth and back by hours and days; nothing is lost, kept waiting or answered twice for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.settings import Limits, Settings
from bot.talk.event import Edited, Said
from bot.talk.message import Addressed
from tests.answer.test_unwritable import LATER, Disk, passes
from tests.fakes import BEN, FakePlatform, said
from tests.rig import rig
from tests.tend.talking import FULL, NOTES, answers, ask, pause, talking

DAY = 86_400.0
JUMPS = pytest.mark.parametrize("jump", [-3 * DAY, -7200.0, 7200.0, 3 * DAY])
AT_ONCE = Settings().model_copy(update={"limits": Limits(shutdown_seconds=0)})


@JUMPS
async def test_whoever_waits_in_line_meanwhile_is_answered_once(tmp_path: Path, jump: float) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Two.",), ("Three.",)) as house:
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.engine.asked.wait()
        await house.says(second)
        house.clock.jump(jump)
        await house.passes(5)
        gate.set()
        await house.idle()
        third = said("third", at=house.clock.now())
        await house.says(third)
        await house.idle()
        shown = [(each.reply_to, each.text) for each in house.platform.standing.values() if each.reply_to]
        assert shown == [(first.id, "One."), (second.id, "Two."), (third.id, "Three.")]
        pieces = [prompt.pieces for prompt in house.engine.prompts]
        assert pieces[2][: len(pieces[1])] == pieces[1]
        assert house.counters.get("prefix_breaks_total", cause="deletion") == 0


@JUMPS
async def test_what_was_overheard_before_and_after_is_told_once_and_in_order(tmp_path: Path, jump: float) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        await house.says(said("first"))
        await house.idle()
        await house.says(said("dolphins", by=BEN, addressed=Addressed.NO, at=house.clock.now()))
        house.clock.jump(jump)
        await house.says(said("whales", by=BEN, addressed=Addressed.NO, at=house.clock.now()))
        for text in ("second", "third"):
            await house.says(said(text, at=house.clock.now()))
            await house.idle()
        told = house.asked()
        assert [told.count(each) for each in ("dolphins", "whales")] == [1, 1]
        assert told.index("dolphins") < told.index("whales") < told.index("second")


@JUMPS
async def test_a_question_that_could_not_be_taken_up_is_tried_as_long_as_before(tmp_path: Path, jump: float) -> None:
    disk = Disk()
    async with rig(tmp_path, ("Hello.",), around=disk.around) as house:
        await house.says(said("hello"))
        await house.platform.final(LATER)
        house.clock.jump(jump)
        await passes(house, 20)
        disk.full = False
        await passes(house, 60)
        await house.platform.final("Hello.")


async def test_a_clock_that_was_set_back_leaves_what_a_crash_left_to_be_answered(tmp_path: Path) -> None:
    platform = FakePlatform()
    question = said("hello")
    async with rig(tmp_path, (asyncio.Event(),), platform=platform, settings=AT_ONCE) as house:
        await house.says(question)
        await house.engine.asked.wait()
    async with rig(tmp_path, ("Hello.",), platform=platform) as house:
        house.clock.jump(-3 * DAY)
        await house.take_up()
        await house.idle()
        await house.hearing.hear(Said(message=question))
        await house.idle()
        assert [each.text for each in platform.standing.values() if each.reply_to] == ["Hello."]


@JUMPS
async def test_a_cut_is_prepared_in_a_pause_all_the_same(tmp_path: Path, jump: float) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",)) as house:
        for number in range(FULL):
            await ask(house, number)
        house.clock.jump(jump)
        await pause(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 1


async def test_an_edit_without_a_time_of_its_own_counts_although_the_clock_was_set_back(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",)) as house:
        await house.says(said("one", message_id="q"))
        await house.idle()
        await house.hearing.hear(Edited(message=said("eins", message_id="q")))
        house.clock.jump(-DAY)
        await house.hearing.hear(Edited(message=said("uno", message_id="q")))
        await house.says(said("two"))
        await house.idle()
        assert "uno" in house.asked()
        assert "eins" not in house.asked()

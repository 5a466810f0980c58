"""While the engine is away nobody is forgotten: people are told within five seconds, keep their places, and are
answered when it is back, or are told once that it did not come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.errors import BackendError, EngineBroke, EngineUnreachable, ModelMissing
from bot.talk.message import Person
from bot.talk.prompt import Chunk, Engine, Prompt
from tests.answer.outage import (
    AWAY,
    MISSING,
    PASSING,
    SLOW,
    TOLD_WITHIN,
    answers,
    final_order,
    leads,
    lined_up,
    replies,
)
from tests.fakes import ANA, BEN, FakeEngine, direct, said
from tests.rig import rig


class Mute(FakeEngine):
    """Takes what it is asked and says nothing, until `heard`."""

    def __init__(self, *scripts: tuple[str, ...]) -> None:
        super().__init__(*scripts)
        self.heard = asyncio.Event()

    async def probe(self) -> Engine:
        await self.heard.wait()
        return await super().probe()

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        await self.heard.wait()
        async for chunk in super().stream(prompt, reply_tokens=reply_tokens):
            yield chunk


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_all_who_ask_while_it_is_away_are_told_in_time_and_answered_in_order_when_it_is_back(
    tmp_path: Path, error: BackendError
) -> None:
    engine = FakeEngine(("One.",), ("Two.",), ("Three.",))
    engine.away = error
    async with rig(tmp_path, engine=engine) as house:
        first, second, third = said("first"), said("second", by=BEN), said("third", place=direct(ANA))
        for message in (first, second, third):
            await house.says(message)
        await house.passes(TOLD_WITHIN)
        assert len(house.platform.typed) >= 3
        for message in (first, second, third):
            (shown,) = replies(house, message)
            assert (MISSING if isinstance(error, ModelMissing) else AWAY) in shown.lead
            assert (shown.text, shown.final, len(shown.actions)) == ("", False, 1)
        await house.clock.advance(120)
        assert engine.prompts == []
        engine.away = None
        await house.passes(15)
        await house.idle()
        assert answers(house, first) == ["One."]
        assert sorted(answers(house, second, third)) == ["Three.", "Two."]  # of two channels either may be first
        assert not any(each.lead for each in house.platform.standing.values())
        assert len(house.platform.standing) == 5  # with what is told of the transcripts of both places


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_an_answer_that_breaks_off_is_begun_again_in_the_same_message(
    tmp_path: Path, error: BackendError
) -> None:
    async with rig(tmp_path, ("Half of", error), ("Whole.",), ("Second.",)) as house:
        first, second = said("first"), said("second")
        await house.says(first)
        begun = await house.platform.until(lambda each: each.text == "Half of")
        engine = house.engine
        engine.away = error
        await house.passes(TOLD_WITHIN)
        (held_up,) = replies(house, first)
        assert held_up.text == "Half of"  # what was said stays until there is something better
        assert (MISSING if isinstance(error, ModelMissing) else AWAY) in held_up.lead
        engine.away = None
        await house.passes(15)
        whole = await house.platform.final("Whole.")
        assert (whole.id, whole.text, whole.lead) == (begun.id, "Whole.", "")
        assert len(replies(house, first)) == 1
        assert house.asked(1) == house.asked(0)
        await house.says(second)
        await house.platform.final("Second.")
        assert "Half of" not in house.asked()
        assert "Whole." in house.asked()


async def test_a_restart_that_is_over_in_a_moment_needs_no_words(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Half", EngineUnreachable("restarting")), ("Whole.",)) as house:
        message = said("first")
        await house.says(message)
        await house.platform.until(lambda each: each.text == "Half")
        await house.passes(1)
        await house.platform.final("Whole.")
        assert "does not answer" not in leads(house, message)


async def test_those_in_line_keep_their_places_over_outages_that_come_and_go(tmp_path: Path) -> None:
    again = EngineUnreachable("again")
    engine = FakeEngine(("Half", EngineBroke("killed")), ("One.",), (again,), ("Two.",), ("Three.",))
    async with rig(tmp_path, engine=engine) as house:
        questions = [said("first"), said("second", by=BEN), said("third", by=ANA)]
        for message in questions:
            await house.says(message)
        for _ in range(4):
            engine.away = EngineUnreachable("killed")
            await house.passes(20)
            engine.away = None
            await house.passes(3)
        await house.passes(30)
        await house.idle()
        assert answers(house, *questions) == ["One.", "Two.", "Three."]
        assert final_order(house) == ["One.", "Two.", "Three."]


async def test_one_looks_for_the_engine_for_all_and_ever_more_seldom(tmp_path: Path) -> None:
    probes = 0

    class Counting(FakeEngine):
        async def probe(self) -> Engine:
            nonlocal probes
            probes += 1
            return await super().probe()

    engine = Counting()
    engine.away = EngineUnreachable("refused")
    async with rig(tmp_path, engine=engine) as house:
        for number in range(20):
            await house.says(said(f"question {number}", by=Person(platform="local", id=str(number), name="Cleo")))
        await house.passes(60)
        assert probes <= 15
        engine.away = None
        await house.passes(15)
        await house.idle()
        assert len(engine.prompts) == 20
        assert all(each.final for each in house.platform.standing.values())


async def test_an_engine_that_takes_connections_and_says_nothing_is_told_of_in_time(tmp_path: Path) -> None:
    engine = Mute(("One.",), ("Two.",))
    async with rig(tmp_path, engine=engine) as house:
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.says(second)
        await house.passes(TOLD_WITHIN)
        assert [replies(house, message)[0].lead for message in (first, second)] == [SLOW, SLOW]
        engine.heard.set()
        await house.passes(2)
        await house.idle()
        assert answers(house, first, second) == ["One.", "Two."]


async def test_a_request_that_the_engine_does_not_answer_is_told_of_in_time_to_all_in_line(tmp_path: Path) -> None:
    gate, rest = asyncio.Event(), asyncio.Event()
    async with rig(tmp_path, (gate, "One", rest), ("Two.",)) as house:
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.engine.asked.wait()
        await house.says(second)
        await lined_up(house, 1)
        await house.passes(TOLD_WITHIN)
        assert replies(house, first)[0].lead == SLOW
        assert "number 1 in line" in replies(house, second)[0].lead
        assert (house.lanes.silence or 0) >= TOLD_WITHIN
        gate.set()
        await house.platform.until(lambda each: each.text == "One")
        assert (house.lanes.silence or 0) < 1
        await house.passes(TOLD_WITHIN + 5)  # and in the middle of the answer: an edit every five seconds at most
        assert (replies(house, first)[0].text, replies(house, first)[0].lead) == ("One", SLOW)
        rest.set()
        await house.idle()

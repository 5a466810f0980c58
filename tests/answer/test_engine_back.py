"""What comes of those who waited for the engine: they are answered, or told once; nothing is done twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.agent.toolbox import Toolbox
from bot.answer.turn import BREAKS
from bot.errors import BackendError, EngineBroke, EngineRefused, EngineUnreachable, ModelMissing
from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Limits, Settings
from bot.talk.event import Deleted, Edited
from bot.talk.message import Place
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate
from tests.answer.outage import (
    PASSING,
    SORRY,
    TOLD_WITHIN,
    answers,
    lined_up,
    replies,
)
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, direct, said
from tests.rig import BOUNDS, rig


async def test_tools_are_called_once_however_often_the_engine_breaks_behind_them(tmp_path: Path) -> None:
    called: list[str] = []

    @tool(Effect.WRITES)
    async def book(context: CallContext) -> str:
        """Books a table."""
        called.append(context.asker.name)
        return "booked for six"

    async with rig(
        tmp_path,
        ("I book. ", Call(id="1", name="book", arguments="{}")),
        ("Done", EngineBroke("killed")),
        ("Do", EngineUnreachable("killed")),
        ("Done, for six.",),
        toolbox=Toolbox((book,), seconds=5, chars=3000, calls=4, gate=OpenGate()),
    ) as house:
        message = said("book a table")
        await house.says(message)
        await house.passes(30)
        await house.idle()
        assert answers(house, message) == ["I book. \n\nDone, for six."]
        assert called == ["Ana"]
        assert house.asked(3) == house.asked(1)
        assert "booked for six" in house.asked()


async def test_a_question_that_breaks_a_living_engine_each_time_is_given_up_and_holds_nobody_up(tmp_path: Path) -> None:
    broken = [("Half", EngineBroke("crashed"))] * BREAKS
    async with rig(tmp_path, *broken, ("Two.",)) as house:
        first, second = said("the question of death"), said("second", by=BEN)
        await house.says(first)
        await house.says(second)
        await house.passes(30)
        await house.idle()
        sorry, answer = answers(house, first, second)
        assert sorry.startswith("Half\n\nI tried several times")
        assert answer == "Two."
        assert len(house.engine.prompts) == BREAKS + 1


async def test_an_engine_that_is_busy_for_ever_though_it_looks_well_is_given_up_in_time(tmp_path: Path) -> None:
    bounds = replace(BOUNDS, away_seconds=40)
    async with rig(tmp_path, *[(EngineUnreachable("503"),)] * 1000, bounds=bounds) as house:
        message = said("first")
        await house.says(message)
        for _ in range(12):
            await house.passes(8)
        assert "did not come back within 1 minute," in answers(house, message)[0]
        assert len(house.engine.prompts) < 20


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_an_engine_that_does_not_come_back_is_apologised_for_once(tmp_path: Path, error: BackendError) -> None:
    engine = FakeEngine(("Half", error), ("Late.",))
    async with rig(tmp_path, engine=engine) as house:
        first, second, third = said("first"), said("second", by=BEN), said("third", place=direct(ANA))
        await house.says(first)
        await house.platform.until(lambda each: each.text == "Half")
        engine.away = error
        await house.says(second)
        await house.says(third)
        await house.passes(TOLD_WITHIN)
        await house.clock.advance(885)
        assert not any(each.final for message in (first, second, third) for each in replies(house, message))
        await house.passes(25)
        await house.idle()
        sentence = "calanque pull" if isinstance(error, ModelMissing) else SORRY
        for message in (first, second, third):
            (sorry,) = replies(house, message)
            assert sentence in sorry.text
            assert (sorry.lead, sorry.final, sorry.actions) == ("", True, ())
        assert await house.answers.unanswered() == ()
        assert house.lanes.waiting == 0
        engine.away = None
        await house.passes(15)
        late = said("are you there?")
        await house.says(late)
        await house.idle()
        assert answers(house, late) == ["Late."]


async def test_absences_count_together_and_the_wait_in_line_stands_still_meanwhile(tmp_path: Path) -> None:
    bounds = replace(BOUNDS, seconds=2.0, away_seconds=60)
    engine = FakeEngine()
    engine.away = EngineUnreachable("refused")
    async with rig(tmp_path, engine=engine, bounds=bounds) as house:
        gate = asyncio.Event()
        engine.scripts += [("Half", gate, EngineUnreachable("killed")), ("Whole.",), ("Two.",)]
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.passes(TOLD_WITHIN)
        await house.clock.advance(35)
        engine.away = None
        await house.passes(12)
        await house.says(second)
        await lined_up(house, 1)
        engine.away = EngineUnreachable("killed")
        gate.set()
        await lined_up(house, 2)
        await asyncio.sleep(2.1)  # longer than anybody may wait in line, by the loop's own clock
        await house.passes(30)
        assert answers(house, first)[0].startswith("Half\n\n")
        assert "did not come back within 1 minute," in answers(house, first)[0]
        assert answers(house, second) == [""]
        engine.away = None
        await house.passes(15)
        await house.idle()
        assert answers(house, second) == ["Whole."]


async def test_stop_works_while_the_engine_is_away(tmp_path: Path) -> None:
    engine = FakeEngine(("Half", EngineUnreachable("killed")), ("Yes.",))
    async with rig(tmp_path, engine=engine) as house:
        begun, asked = said("first"), said("second", place=direct(ANA))
        await house.says(begun)
        await house.platform.until(lambda each: each.text == "Half")
        engine.away = EngineUnreachable("killed")
        await house.says(asked)
        await house.passes(TOLD_WITHIN)
        for message in (begun, asked):
            (view,) = replies(house, message)
            await house.presses(view.actions[0].id, place=message.place)
        await house.idle()
        assert answers(house, begun, asked) == ["Half\n\n*(stopped)*", "*(stopped)*"]
        assert house.lanes.waiting == 0
        engine.away = None
        await house.passes(15)
        third = said("third")
        await house.says(third)
        await house.idle()
        assert "Half" in house.asked()


async def test_a_question_that_is_deleted_while_the_engine_is_away_leaves_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(("Half", EngineUnreachable("killed")), ("Two.",))
    async with rig(tmp_path, engine=engine) as house:
        first, second = said("my password is swordfish"), said("second", by=BEN)
        await house.says(first)
        await house.platform.until(lambda each: each.text == "Half")
        engine.away = EngineUnreachable("killed")
        await house.says(second)
        await house.passes(TOLD_WITHIN)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(first.id,)))
        engine.away = None
        await house.passes(15)
        await house.idle()
        assert replies(house, first) == []
        assert answers(house, second) == ["Two."]
        assert "swordfish" not in house.asked()


async def test_what_is_edited_or_deleted_during_an_outage_is_asked_as_it_reads_afterwards(tmp_path: Path) -> None:
    engine = FakeEngine(("Half", EngineUnreachable("killed")), ("Whole.",))
    async with rig(tmp_path, ("Hello.",), engine=engine) as house:
        question = said("what is teh time?")
        await house.says(question)
        await house.platform.until(lambda each: each.text == "Half")
        engine.away = EngineUnreachable("killed")
        await house.passes(TOLD_WITHIN)
        await house.hearing.hear(Edited(message=replace(question, text="what is the time?")))
        engine.away = None
        await house.passes(15)
        await house.platform.final("Whole.")
        assert "what is the time?" in house.asked()
        assert "teh" not in house.asked()


async def test_another_engine_that_comes_back_goes_on_with_what_the_tools_gave(tmp_path: Path) -> None:
    @tool(Effect.READS)
    async def tide(context: CallContext) -> str:
        """When the tide is."""
        return "at six"

    engine = FakeEngine((Call(id="1", name="tide", arguments="{}"),), ("Hal", EngineBroke("exchanged")), ("At six.",))
    async with rig(tmp_path, engine=engine, tools=(tide,)) as house:
        message = said("when is the tide?")
        await house.says(message)
        while len(engine.prompts) < 2:
            await house.store.fact("-")
        engine.template = "fake/2"
        engine.engine = replace(engine.engine, window=2000)
        await house.passes(5)
        await house.idle()
        assert answers(house, message) == ["At six."]
        assert {piece.template for piece in engine.prompts[-1].pieces} == {"fake/2"}
        assert "at six" in house.asked()


async def test_a_shutdown_waits_for_nobody_who_waits_for_the_engine_and_the_next_start_answers(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": Limits(shutdown_seconds=60)})
    engine = FakeEngine(("Half", EngineUnreachable("killed")))
    first, second = said("first"), said("second", by=BEN)
    async with asyncio.timeout(30), rig(tmp_path, engine=engine, settings=settings) as house:
        await house.says(first)
        await house.platform.until(lambda each: each.text == "Half")
        engine.away = EngineUnreachable("killed")
        await house.says(second)
        await house.passes(TOLD_WITHIN)
        before = house.platform
    async with rig(tmp_path, ("One.",), ("Two.",), platform=before) as house:
        await house.take_up()
        await house.idle()
        assert answers(house, first, second) == ["One.", "Two."]


async def test_starts_while_the_engine_is_away_cost_no_question_an_attempt(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": Limits(shutdown_seconds=0)})
    message = said("first")
    for number in range(6):
        engine = FakeEngine()
        engine.away = EngineUnreachable("refused")
        async with rig(tmp_path, engine=engine, settings=settings) as house:
            await (house.take_up() if number else house.says(message))
            await house.passes(3)
            for task in asyncio.all_tasks():
                if task.get_name().startswith("answer to"):
                    task.cancel()  # as a kill leaves it
    async with rig(tmp_path, ("Yes.",)) as house:
        await house.take_up()
        await house.platform.final("Yes.")


async def test_an_engine_that_comes_back_and_refuses_is_told_at_once(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.away = EngineUnreachable("refused")
    async with rig(tmp_path, engine=engine) as house:
        message = said("first")
        await house.says(message)
        await house.passes(TOLD_WITHIN)
        engine.away = EngineRefused("a key is needed")
        await house.passes(15)
        await house.idle()
        assert "failed in the middle of the answer" in answers(house, message)[0]


async def test_an_operator_sees_since_when_the_engine_is_away_and_how_many_wait(tmp_path: Path) -> None:
    engine = FakeEngine(("One.",))
    async with rig(tmp_path, engine=engine) as house:
        assert (house.engines.away_seconds, house.engines.away_because, house.engines.held_up) == (None, "", 0)
        engine.away = EngineUnreachable("refused")
        await house.says(said("first"))
        await house.says(said("second", place=Place(platform="local", id="quay", name="quay")))
        await house.passes(60)
        assert 55 <= (house.engines.away_seconds or 0) <= 61
        assert (house.engines.away_because, house.engines.held_up) == ("EngineUnreachable", 2)
        engine.away = None
        await house.passes(15)
        await house.idle()
        assert (house.engines.away_seconds, house.engines.away_because, house.engines.held_up) == (None, "", 0)
        assert house.lanes.silence is None


async def test_idle_work_leaves_an_absent_engine_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), tending=True) as house:
        await house.says(said("first"))
        await house.idle()
        house.engine.away = EngineUnreachable("refused")
        await house.clock.advance(600)
        assert house.counters.get("idle_work_total", outcome="failed") <= 8
        assert house.counters.get("engine_probe_failures_total", error="EngineUnreachable") <= 70
        house.engine.away = None
        await house.says(said("second"))
        await house.passes(15)
        await house.idle()
        assert len(house.engine.prompts) == 2

"""While the engine is away nobody is forgotten: people are told within five seconds, keep their places, and are
answered when it is back, or are told once that it did not come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer.turn import BREAKS
from bot.errors import BackendError, EngineBroke, EngineRefused, EngineStalled, EngineUnreachable, ModelMissing
from bot.settings import Limits, Settings
from bot.talk.delivery import Delivery
from bot.talk.event import Deleted, Edited
from bot.talk.message import Message, Person, Place
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.tool import CallContext
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, direct, said
from tests.rig import BOUNDS, Rig, rig

AWAY = "the engine that thinks for me does not answer; I go on when it is back"
SLOW = "waiting for the engine that thinks for me"
MISSING = "my model is not installed"
SORRY = "did not come back within 15 minutes"
PASSING = [EngineUnreachable("refused"), EngineStalled("silent"), EngineBroke("broken"), ModelMissing("no model")]
TOLD_WITHIN = 5.0


def replies(house: Rig, message: Message) -> list[Delivery]:
    """What stands as an answer to it."""
    return [each for each in house.platform.standing.values() if each.reply_to == message.id]


def answers(house: Rig, *messages: Message) -> list[str]:
    return [each.text for message in messages for each in replies(house, message)]


def final_order(house: Rig) -> list[str]:
    return [each.text for each in house.platform.revisions if each.final and each.reply_to]


def leads(house: Rig, message: Message) -> str:
    return " | ".join(each.lead for each in house.platform.revisions if each.reply_to == message.id)


async def lined_up(house: Rig, count: int) -> None:
    while house.lanes.in_line < count:
        await house.store.fact("-")


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


async def test_tools_are_called_once_however_often_the_engine_breaks_behind_them(tmp_path: Path) -> None:
    called: list[str] = []

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
        tools=(book,),
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
        assert "did not come back within 1 minutes" in answers(house, message)[0]
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
    bounds = replace(BOUNDS, seconds=1.0, away_seconds=60)
    engine = FakeEngine()
    engine.away = EngineUnreachable("refused")
    async with rig(tmp_path, engine=engine, bounds=bounds) as house:
        gate = asyncio.Event()
        engine.scripts += [("Half", gate, EngineUnreachable("killed")), ("Whole.",), ("Two.",)]
        first, second = said("first"), said("second", by=BEN)
        await house.says(first)
        await house.clock.advance(40)
        engine.away = None
        await house.passes(12)
        await house.says(second)
        await lined_up(house, 1)
        engine.away = EngineUnreachable("killed")
        gate.set()
        await lined_up(house, 2)
        await asyncio.sleep(1.1)  # longer than anybody may wait in line, by the loop's own clock
        await house.passes(30)
        assert answers(house, first)[0].startswith("Half\n\n")
        assert "did not come back within 1 minutes" in answers(house, first)[0]
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
    async with asyncio.timeout(10), rig(tmp_path, engine=engine, settings=settings) as house:
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
        assert "failed in mid-answer" in answers(house, message)[0]


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

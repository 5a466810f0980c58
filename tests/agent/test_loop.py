"""The loop goes on until there is an answer, within its bounds, and the model sees every error it can mend."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.agent.loop import Amends, Limits, Loop, never
from bot.agent.progress import Progress, amending, is_amending, settled, unfinished
from bot.agent.toolbox import Toolbox
from bot.errors import ContextOverflow, EmptyReply, EngineBroke, MessageTooLarge, TooManySteps
from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Settings
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.turn import Call, Piece, Question, Reply, Results
from tests.fakes import ANA, GENERAL, START, FakeClock, FakeCounters, FakeEngine
from tools import TOOLS

CONTEXT = CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=START, timezone="UTC")
PROMPT = Prompt(pieces=(Piece(text="<q> hi </q>", tokens=3, template="fake/1"),))
LIMITS = Limits(steps=4, seconds=60, window=4000, reply_tokens=500, tokens=4000)
CLOCK_CALL = Call(id="1", name="clock", arguments="{}")


async def run(
    engine: FakeEngine, limits: Limits = LIMITS, counters: FakeCounters | None = None, amends: Amends = never
) -> list[Progress]:
    box = Toolbox(TOOLS, seconds=5, chars=3000, calls=4)
    loop = Loop(engine, engine.engine, box, clock=FakeClock(), counters=counters or FakeCounters())
    async with aclosing(loop.run(PROMPT, context=CONTEXT, limits=limits, amends=amends)) as steps:
        return [progress async for progress in steps]


async def test_text_streams_and_ends_as_the_answer() -> None:
    steps = await run(FakeEngine(("Hel", "lo")))
    assert [step.text for step in steps] == ["Hel", "Hello", "Hello"]
    assert steps[-1].done is not None
    assert steps[-1].done.reply == Reply(text="Hello")


async def test_a_call_is_carried_out_and_the_second_prompt_begins_with_the_first() -> None:
    engine = FakeEngine(("Let me look.", CLOCK_CALL), ("It is six.",))
    steps = await run(engine)
    assert steps[-1].text == "Let me look.\n\nIt is six."
    assert [type(part) for part, _ in steps[-1].parts] == [Reply, Results, Reply]
    first, second = engine.prompts
    assert second.pieces[: len(first.pieces)] == first.pieces
    assert "18:00" in second.pieces[-1].text
    assert any([call.name for call in step.working] == ["clock"] for step in steps)
    assert steps[-1].usage.steps == 2


async def test_several_calls_of_one_step_come_back_in_one_part() -> None:
    calls = (CLOCK_CALL, Call(id="2", name="calculator", arguments='{"expression": "6*7"}'))
    steps = await run(FakeEngine(calls, ("Done.",)))
    results = steps[-1].parts[1][0]
    assert isinstance(results, Results)
    assert [result.name for result in results.results] == ["clock", "calculator"]
    assert "42" in results.results[1].content


async def test_an_unknown_tool_is_a_result_and_the_model_may_do_better() -> None:
    engine = FakeEngine((Call(id="1", name="clok", arguments="{}"),), ("Sorry.",))
    steps = await run(engine)
    assert "there is no tool 'clok'" in engine.prompts[1].pieces[-1].text
    assert steps[-1].text == "Sorry."


async def test_an_empty_step_is_told_to_the_model_once() -> None:
    engine = FakeEngine((), ("Now.",))
    steps = await run(engine)
    assert [type(part) for part, _ in steps[-1].parts] == [Reply, Question, Reply]
    assert steps[-1].text == "Now."
    with pytest.raises(EmptyReply):
        await run(FakeEngine((), ()))


async def collect(engine: FakeEngine, prompt: Prompt, seen: list[str], counters: FakeCounters) -> None:
    box = Toolbox((), seconds=5, chars=1000, calls=4)
    loop = Loop(engine, engine.engine, box, clock=FakeClock(), counters=counters)
    async for progress in loop.run(prompt, context=CONTEXT, limits=LIMITS):
        seen.append(progress.text)


async def test_calls_without_end_are_ended_after_a_warning() -> None:
    engine = FakeEngine(*[(CLOCK_CALL,)] * 4)
    with pytest.raises(TooManySteps):
        await run(engine)
    assert len(engine.prompts) == 4
    assert "last tool call" in engine.prompts[-1].pieces[-1].text


async def test_an_answer_at_the_reply_limit_is_marked_as_cut() -> None:
    steps = await run(
        FakeEngine(("one two three",)), Limits(steps=2, seconds=60, window=4000, reply_tokens=2, tokens=4000)
    )
    assert steps[-1].done is not None
    assert steps[-1].done.cut


async def test_a_failing_engine_raises_and_what_was_said_is_known() -> None:
    seen: list[str] = []
    with pytest.raises(EngineBroke):
        await collect(FakeEngine(("Half an ans", EngineBroke("gone"))), PROMPT, seen, FakeCounters())
    assert seen == ["Half an ans"]


async def test_equal_counts_are_counted_and_a_truncating_engine_fails_the_turn() -> None:
    counters = FakeCounters()
    await run(FakeEngine(("Yes",)), counters=counters)
    assert counters.get("prompt_count_total", result="equal") == 1
    engine = FakeEngine(("Yes",))
    engine.miscounts_by = -200
    long = Prompt(pieces=(Piece(text="", tokens=1000, template="fake/1"),))
    with pytest.raises(ContextOverflow):
        await collect(engine, long, [], counters)
    assert counters.get("prompt_count_total", result="over") == 1


async def test_results_that_do_not_fit_become_an_error_that_does() -> None:
    @tool(Effect.READS)
    async def chatty(_context: CallContext) -> str:
        """Says much."""
        return "word " * 500

    engine = FakeEngine((Call(id="1", name="chatty", arguments="{}"),), ("Too much.",))
    box = Toolbox((chatty,), seconds=5, chars=10_000, calls=4)
    loop = Loop(engine, engine.engine, box, clock=FakeClock(), counters=FakeCounters())
    limits = Limits(steps=4, seconds=60, window=600, reply_tokens=100, tokens=4000)
    [step async for step in loop.run(PROMPT, context=CONTEXT, limits=limits)]
    assert "too large for the room" in engine.prompts[1].pieces[-1].text


async def test_a_prompt_without_room_for_a_reply_is_refused() -> None:
    with pytest.raises(MessageTooLarge):
        await run(FakeEngine(), Limits(steps=2, seconds=60, window=100, reply_tokens=500, tokens=4000))


def test_an_answer_stopped_before_its_results_still_has_one_for_every_call() -> None:
    call_piece = Piece(text="", tokens=1, template="fake/1")
    stopped = Progress(text="Look.", parts=((Reply(text="Look.", calls=(CLOCK_CALL,)), call_piece),))
    results, reply = unfinished(stopped)
    assert isinstance(results, Results)
    assert [result.call_id for result in results.results] == ["1"]
    assert reply == Reply(text="")
    assert unfinished(Progress(text="Ha", growing="Ha")) == (Reply(text="Ha"),)


def test_every_bound_that_a_turn_can_meet_is_a_setting() -> None:
    limits = Settings().agent
    assert (limits.max_steps, limits.calls_per_step, limits.same_calls) == (8, 8, 3)
    assert (limits.max_seconds, limits.max_tokens) == (900, 32768)


async def test_the_same_call_again_and_again_is_not_carried_out_and_the_model_is_told() -> None:
    written = ("{}", ' { "times" : 1 } ', '{"times":1}', '{"times": 1}', '{"times": 1}', '{"times": 2}')
    asked: list[int] = []

    @tool(Effect.READS)
    async def tide(_context: CallContext, times: int = 0) -> str:
        """When the tide is."""
        asked.append(times)
        return "six"

    scripts = [(Call(id=str(at), name="tide", arguments=text),) for at, text in enumerate(written)]
    engine = FakeEngine(*scripts, ("At six.",))
    box = Toolbox((tide,), seconds=5, chars=1000, calls=4, same=2)
    loop = Loop(engine, engine.engine, box, clock=FakeClock(), counters=FakeCounters())
    limits = Limits(steps=9, seconds=60, window=4000, reply_tokens=500, tokens=4000)
    steps = [step async for step in loop.run(PROMPT, context=CONTEXT, limits=limits)]
    assert asked == [0, 1, 1, 2]
    told = [piece.text for piece in engine.prompts[-1].pieces if piece.text.startswith("<r>")]
    assert [("not called" in text) for text in told] == [False, False, False, True, True, False]
    assert steps[-1].text == "At six."


async def test_the_same_call_many_times_in_one_step_is_carried_out_so_often_as_it_may() -> None:
    steps = await run(FakeEngine((CLOCK_CALL,) * 4, ("It is six.",)))
    results = steps[-1].parts[1][0]
    assert isinstance(results, Results)
    assert [result.failed for result in results.results] == [False, False, False, True]


@pytest.mark.parametrize("bound", ["steps", "tokens", "seconds"])
async def test_a_turn_near_one_of_its_bounds_is_told_to_answer_with_what_it_has(bound: str) -> None:
    clock, counters = FakeClock(), FakeCounters()

    @tool(Effect.READS)
    async def tide(_context: CallContext, day: int) -> str:
        """When the tide is."""
        if bound == "seconds":
            await clock.advance(20)
        return "six " * (40 if bound == "tokens" else 1)

    engine = FakeEngine(*[(Call(id="1", name="tide", arguments=f'{{"day": {day}}}'),) for day in range(3)], ("Six.",))
    box = Toolbox((tide,), seconds=5, chars=1000, calls=4)
    loop = Loop(engine, engine.engine, box, clock=clock, counters=counters)
    steps = 4 if bound == "steps" else 10
    limits = Limits(steps=steps, seconds=80, window=4000, reply_tokens=500, tokens=120 if bound == "tokens" else 4000)
    made = [step async for step in loop.run(PROMPT, context=CONTEXT, limits=limits)]
    assert made[-1].text == "Six."
    told = [("Answer now" in piece.text) for piece in engine.prompts[-1].pieces if piece.text.startswith("<r>")]
    assert told == [False, False, True]
    assert counters.get("turns_bounded_total", bound=bound) == 1


async def test_a_model_that_calls_on_after_it_was_told_to_answer_is_ended_there() -> None:
    engine = FakeEngine(*[(Call(id="1", name="calculator", arguments=f'{{"expression": "{n}"}}'),) for n in range(9)])
    with pytest.raises(TooManySteps):
        await run(engine, Limits(steps=9, seconds=60, window=4000, reply_tokens=500, tokens=1))
    assert len(engine.prompts) == 2


async def test_results_without_room_still_say_that_no_more_calls_can_follow() -> None:
    @tool(Effect.READS)
    async def chatty(_context: CallContext) -> str:
        """Says much."""
        return "word " * 500

    engine = FakeEngine((Call(id="1", name="chatty", arguments="{}"),), ("Too much.",))
    box = Toolbox((chatty,), seconds=5, chars=10_000, calls=4)
    loop = Loop(engine, engine.engine, box, clock=FakeClock(), counters=FakeCounters())
    limits = Limits(steps=2, seconds=60, window=600, reply_tokens=100, tokens=4000)
    [step async for step in loop.run(PROMPT, context=CONTEXT, limits=limits)]
    assert "too large for the room" in engine.prompts[1].pieces[-1].text
    assert "Answer now" in engine.prompts[1].pieces[-1].text


def _not_english(text: str, /, *, before: int) -> Question | None:
    return amending("It was not in German.") if "English" in text and not before else None


async def test_an_answer_that_does_not_stand_is_followed_by_another_and_shown_no_more() -> None:
    engine = FakeEngine(("Let me look.", CLOCK_CALL), ("English.",), ("Deutsch.",))
    steps = await run(engine, amends=_not_english)
    assert steps[-1].text == "Let me look.\n\nDeutsch."
    assert [type(part) for part, _ in steps[-1].parts] == [Reply, Results, Reply, Question, Reply]
    assert settled(steps[-1]).text == steps[-1].text
    _, second, third = engine.prompts
    assert third.pieces[: len(second.pieces)] == second.pieces
    assert third.tokens == sum(piece.tokens for piece in third.pieces)


async def test_an_answer_in_the_last_step_stands_whatever_it_is() -> None:
    steps = await run(FakeEngine(("English.",)), replace(LIMITS, steps=1), amends=_not_english)
    assert steps[-1].text == "English."


async def test_an_answer_is_taken_back_as_often_as_whoever_looks_at_it_wants() -> None:
    steps = await run(FakeEngine(("English 1.",), ("English 2.",)), amends=_not_english)
    assert steps[-1].text == "English 2."


def test_words_of_a_person_do_not_take_an_answer_back() -> None:
    (line,) = amending("x").lines
    assert is_amending(amending("x"))
    assert not is_amending(Question(lines=(replace(line, message="m1", author=ANA.key),)))

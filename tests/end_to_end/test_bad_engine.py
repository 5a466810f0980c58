"""An engine that fails: whoever asked keeps their place and is answered in the end, in one message, or is told once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.discord_server import Message
from tests.end_to_end.asking import FINE, answer_to, answers_to, ask, growing_answer, next_question_works
from tests.end_to_end.harness import Town, bot_in, town
from tests.ollama_server import BUSY, Gate, Mishap, Recorded, Refusal, Reply, recorded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.thorough]

FAILED = "My AI engine failed in the middle of the answer. Please ask again."
AGAIN = "I tried several times and something broke each time."
AWAY = "my AI engine does not answer; I go on when it is back"
SLOW = "waiting for my AI engine"
SORRY = "My AI engine did not come back within 1 minute,"
IMPATIENT = {"first_token_seconds": 1.5, "stall_seconds": 1.0}
TOLD_WITHIN = 50.0  # before it says that it gives up, after a minute


async def passing(place: Town) -> None:
    """One question meets the failure, and is answered all the same; nothing of the first try stays."""
    asked = await ask(place, "go")
    assert (await answer_to(asked)).texts[-1] == FINE
    assert len(answers_to(asked)) == 1
    await next_question_works(place)
    assert "One two" not in place.ollama.generations[-1].prompt


async def told(asked: Message, words: str) -> None:
    """In time, in the answer that is still to come."""
    growing = await growing_answer(asked)
    async with asyncio.timeout(TOLD_WITHIN):
        await asked.channel.until(lambda _: words in growing.texts[-1], TOLD_WITHIN)


@pytest.mark.parametrize("after", [0, 4])
@pytest.mark.parametrize("mishap", [Mishap.ERROR, Mishap.END, Mishap.DROP, Mishap.GARBAGE])
async def test_an_engine_that_fails_in_mid_answer_is_asked_again(place: Town, mishap: Mishap, after: int) -> None:
    place.ollama.script(Reply(text="One two three four five", mishap=mishap, after=after), FINE)
    await passing(place)


async def test_an_engine_that_stalls_is_left_in_time_and_asked_again(tmp_path: Path) -> None:
    async with town() as alone, bot_in(alone, tmp_path, engine=IMPATIENT):
        for after in (0, 4):
            alone.ollama.script(Reply(text="One two three four five", mishap=Mishap.STALL, after=after), FINE)
            await passing(alone)
        stalled = [each for each in alone.ollama.generations if each.disconnected.is_set()]
        assert len(stalled) == 2


@pytest.mark.parametrize("name", ["14", "46"])
async def test_how_a_real_daemon_failed_is_like_any_failure(place: Town, name: str) -> None:
    place.ollama.script(recorded(name), FINE)
    await passing(place)


@pytest.mark.parametrize(
    "step",
    [
        BUSY,
        Refusal(status=500, error="llama runner process has terminated: exit status 2"),
        Recorded(status=200, content_type="text/html", lines=("<html><body>It works!</body></html>",)),
        Recorded(status=200, content_type="application/x-ndjson", lines=('["a list"]',)),
        Recorded(status=200, content_type="application/x-ndjson", lines=()),
    ],
)
async def test_whatever_an_engine_answers_instead_of_a_stream_it_is_asked_again(
    place: Town, step: Refusal | Recorded
) -> None:
    place.ollama.script(step, FINE)
    await passing(place)


@pytest.mark.parametrize(
    "step",
    [
        Refusal(status=400, error="invalid option provided"),
        Recorded(status=404, content_type="text/html", lines=("<html>Not Found</html>",)),
    ],
)
async def test_what_an_engine_refuses_is_told_at_once(place: Town, step: Refusal | Recorded) -> None:
    place.ollama.script(step)
    assert (await answer_to(await ask(place, "go"))).texts[-1] == FAILED
    await next_question_works(place)


async def test_a_question_that_an_engine_hangs_up_on_each_time_is_given_up_and_the_next_one_works(place: Town) -> None:
    place.ollama.script(*[Reply(text="", mishap=Mishap.DROP)] * 3)
    asked = await ask(place, "the question of death")
    behind = await ask(place, "and me?", by=place.ben)
    assert (await answer_to(asked)).texts[-1].startswith(AGAIN)
    assert await answer_to(behind)
    await next_question_works(place)


async def test_a_killed_engine_is_waited_for_in_order_and_goes_on_in_the_same_message(place: Town) -> None:
    gate = Gate()
    place.ollama.script(Reply(text="One two three four five", gate=gate), "First.", "Second.", "Third.")
    first = await ask(place, "first")
    await gate.let(2)
    growing = await growing_answer(first)
    others = [await ask(place, "second", by=place.ben), await ask(place, "third")]
    await place.ollama.kill()
    await told(first, AWAY)
    for asked in others:
        await told(asked, AWAY)
    assert "One two" in growing.texts[-1]
    await place.ollama.open_door()
    for asked, text in zip((first, *others), ("First.", "Second.", "Third."), strict=True):
        assert (await answer_to(asked)).texts[-1] == text
        assert len(answers_to(asked)) == 1
    assert await answer_to(first) is growing


async def test_an_engine_that_takes_connections_and_says_nothing_is_told_of_and_waited_for(tmp_path: Path) -> None:
    async with town() as place:
        gate = place.ollama.go_silent()
        async with bot_in(place, tmp_path):
            place.ollama.script("First.", "Second.")
            first, second = await ask(place, "first"), await ask(place, "second", by=place.ben)
            await told(first, SLOW)
            await told(second, SLOW)
            await gate.open()
            assert (await answer_to(first)).texts[-1] == "First."
            assert (await answer_to(second)).texts[-1] == "Second."


async def test_a_model_that_takes_long_to_load_is_told_of_and_waited_for(tmp_path: Path) -> None:
    async with town() as place:
        gate = place.ollama.hold_loading()
        async with bot_in(place, tmp_path):
            place.ollama.script(FINE)
            asked = await ask(place, "hello?")
            await told(asked, SLOW)
            await gate.open()
            assert (await answer_to(asked)).texts[-1] == FINE


async def test_an_engine_that_does_not_come_back_is_apologised_for_once(tmp_path: Path) -> None:
    async with town() as place, bot_in(place, tmp_path, limits={"engine_away_minutes": 0.05}):
        await next_question_works(place)
        await place.ollama.kill()
        asked = [await ask(place, "first"), await ask(place, "second", by=place.ben)]
        for each in asked:
            assert (await answer_to(each)).texts[-1].startswith(SORRY)
            assert len(answers_to(each)) == 1
        looked = len(place.ollama.requests)
        await place.ollama.open_door()
        await place.ollama.asked(looked + 1)  # the next look may come later than anybody waits here
        await next_question_works(place)

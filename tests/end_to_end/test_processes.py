"""`calanque run` as operators run it: asked to end, killed in mid-answer, started twice. Nothing is said twice."""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.discord_server import Message
from tests.end_to_end.asking import answer_to, answers_to, ask, growing_answer, next_question_works
from tests.end_to_end.harness import MODEL, WITHIN, Town, town
from tests.end_to_end.processes import calanque, finished, on_discord
from tests.ollama_server import Gate, OllamaServer, Reply

pytestmark = pytest.mark.thorough

STORY = "A periwinkle sailed to Zanzibar and came home."
WHOLE = "Once more: a periwinkle sailed to Zanzibar and came home."


@pytest.fixture
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


async def half_told(place: Town, gate: Gate) -> tuple[Message, Message]:
    """A question about a periwinkle, and its answer, which grows and stands still."""
    asked = await ask(place, "tell me of the periwinkle")
    await gate.let(5)
    growing = await growing_answer(asked)
    await asked.channel.until(lambda _: growing.texts[-1].startswith("A per"), WITHIN)
    return asked, growing


async def test_sigterm_in_mid_answer_ends_properly_and_the_next_start_goes_on_in_the_same_message(
    place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text=STORY, gate=gate), WHOLE)
    async with on_discord(place, tmp_path) as program:
        asked, growing = await half_told(place, gate)
        assert await program.ends(signal.SIGTERM) == 0
    assert growing.texts[-1].startswith("A per")
    assert growing.texts[-1].endswith("*(I am being restarted and will go on in a moment.)*")
    assert not growing.buttons
    assert not place.discord.gateway.live
    async with on_discord(place, tmp_path) as program:
        assert await answer_to(asked, WHOLE) is growing
        assert await program.ends(signal.SIGINT) == 0
    assert answers_to(asked) == [growing]
    assert growing.texts[-1] == WHOLE


async def test_sigterm_lets_a_running_answer_finish_where_there_is_time(place: Town, tmp_path: Path) -> None:
    gate = Gate()
    place.ollama.script(Reply(text=STORY, gate=gate))
    async with on_discord(place, tmp_path, LIMITS_SHUTDOWN_SECONDS="15") as program:
        asked, growing = await half_told(place, gate)
        program.process.terminate()
        await program.said("SIGTERM: finishing what is running")
        await gate.open()
        assert await program.exit_code() == 0
    assert growing.texts[-1] == STORY
    assert answers_to(asked) == [growing]


async def test_a_second_signal_ends_the_program_on_the_spot(place: Town, tmp_path: Path) -> None:
    gate = Gate()
    place.ollama.script(Reply(text=STORY, gate=gate), WHOLE)
    async with on_discord(place, tmp_path, LIMITS_SHUTDOWN_SECONDS="60") as program:
        asked, growing = await half_told(place, gate)
        program.process.terminate()
        await program.said("SIGTERM: finishing what is running")
        assert await program.ends(signal.SIGTERM) == 128 + signal.SIGTERM
    async with on_discord(place, tmp_path):
        assert await answer_to(asked, WHOLE) is growing


async def test_killed_in_mid_answer_the_next_start_answers_once_in_the_same_message(
    place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text=STORY, gate=gate), WHOLE)
    async with on_discord(place, tmp_path) as program:
        asked, growing = await half_told(place, gate)
        await program.ends(signal.SIGKILL)
    assert growing.buttons
    async with on_discord(place, tmp_path):
        assert await answer_to(asked, WHOLE) is growing
        await next_question_works(place)
    assert answers_to(asked) == [growing]
    assert growing.texts[-1] == WHOLE


async def test_killed_while_discord_was_accepting_the_answer_it_is_shown_once(tmp_path: Path) -> None:
    """Discord has the message, the program died before it heard so: the nonce finds it again."""
    async with town(OllamaServer(model=MODEL, answer=STORY)) as place:
        async with on_discord(place, tmp_path) as program:
            await answer_to(await ask(place, "hello?"))
            await place.channel.until(
                lambda it: any("keeping a transcript" in each.content for each in it.bot_messages)
            )
            held = place.discord.hold_next("POST /channels/*/messages", after_commit=True)
            asked = await ask(place, "tell me of the periwinkle")
            await held.until_reached(WITHIN)
            await program.ends(signal.SIGKILL)
            held.release()
        (cut_off,) = answers_to(asked)
        async with on_discord(place, tmp_path):
            assert await answer_to(asked, STORY) is cut_off
            await next_question_works(place)
        assert answers_to(asked) == [cut_off]


async def test_killed_before_anything_was_shown_the_question_is_answered_after_the_start(
    place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text=STORY, gate=gate), WHOLE)
    async with on_discord(place, tmp_path) as program:
        asked = await ask(place, "tell me of the periwinkle")
        await gate.reached.wait()
        await program.ends(signal.SIGKILL)
    async with on_discord(place, tmp_path):
        answer = await answer_to(asked, WHOLE)
        await next_question_works(place)
    assert answers_to(asked) == [answer]


async def test_a_second_process_is_refused_with_one_plain_line_and_the_first_goes_on(
    place: Town, tmp_path: Path
) -> None:
    async with on_discord(place, tmp_path) as first:
        code, second = await finished(place, tmp_path, "run", LOG_LEVEL="INFO")
        assert code == 78
        assert len(second.errors) == 1, second.errors
        line = second.errors[0]
        assert line.startswith(f"calanque: Another process ({first.process.pid}) already serves shards")
        assert "Stop it first, or give this one a database of its own" in line
        await next_question_works(place)
        assert await first.ends() == 0


async def test_a_taken_port_is_named_with_the_setting_that_changes_it(place: Town, tmp_path: Path) -> None:
    more = {"DISCORD_TOKEN": "", "LOG_LEVEL": "INFO"}
    async with calanque(place, tmp_path, "run", **more) as first:
        port = (await first.said("The chat page is at ")).rpartition(":")[2]
        there = {"DATA_DIR": str(tmp_path / "other"), "PAGE_PORT": port}
        code, second = await finished(place, tmp_path, "run", **more, **there)
        assert code == 78
        assert second.errors[-1] == (
            f"calanque: Port {port} is in use by another program: end it, or set PAGE_PORT to another port."
        )
        assert not any("Traceback" in line for line in second.errors)
        assert await first.ends(signal.SIGINT) == 0

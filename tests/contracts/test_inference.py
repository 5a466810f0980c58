"""What every engine adapter must do, whatever stands behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing

import pytest
import pytest_asyncio

from bot.errors import ContextOverflow
from bot.inference.tekken import Tekken
from bot.talk.prompt import StopReason
from bot.talk.turn import Reply, Result, Results
from tests.contracts.engines import (
    CLOCK_CALL,
    HEAD,
    NOON,
    WINDOW,
    Bench,
    collect,
    embedded,
    ollama,
    openai,
    question,
)
from tests.models.fixtures import TinyModels
from tests.models.llama import llama_server
from tests.models.script import Script

# The engines are started once.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("engines")]

SCRIPTS = (
    Script(after="[/INST]", says=CLOCK_CALL + "</s>"),
    Script(after="[/TOOL_RESULTS]", says=NOON + "</s>"),
)


@pytest.fixture(scope="module")
def llama(tiny_models: TinyModels) -> Generator[str]:
    with llama_server(tiny_models.scripted(SCRIPTS), tiny_models.projector(), window=WINDOW) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncGenerator[Bench]:
    async with embedded() as ready:
        yield ready


@pytest_asyncio.fixture(params=["ollama", "openai", "llama-server", "embedded"], loop_scope="module")
async def bench(request: pytest.FixtureRequest, tekken: Tekken, demo: Bench) -> AsyncGenerator[Bench]:
    match str(request.param):
        case "ollama":
            made = ollama(tekken)
        case "openai":
            made = openai()
        case "llama-server":
            made = openai(str(request.getfixturevalue("llama")))
        case _:
            yield demo  # it starts its process only when it is used
            return
    async with made as ready:
        yield ready


async def test_a_reply_comes_as_text_or_calls_and_ends_with_finished(bench: Bench) -> None:
    answer = await bench.ask(HEAD, question("What time is it?"), reply_tokens=12)
    assert answer.text or answer.calls
    assert answer.finished.reason in (StopReason.STOP, StopReason.LENGTH)
    assert answer.finished.reply_tokens


async def test_the_engine_reports_the_prompt_that_was_predicted(bench: Bench) -> None:
    engine = await bench.engine.probe()
    parts = (
        HEAD,
        question("Où est le port ? 東京の天気は？ नमस्ते"),
        Reply(text="Là-bas."),
        question("Merci!\n\n  - a\n"),
    )
    prompt = await bench.prompt(*parts)
    reported = (await collect(bench.engine, prompt, reply_tokens=1)).finished.prompt_tokens
    assert reported is not None
    if engine.exact:
        assert reported == prompt.tokens
    else:
        assert reported <= prompt.tokens


async def test_what_was_just_said_is_part_of_the_next_prompt_at_no_other_cost(bench: Bench) -> None:
    engine = await bench.engine.probe()
    bench.script("Bonjour.", "Au revoir.")
    parts = [HEAD, question("Say hi."), Reply(text="Bonjour."), question("Say bye.")]
    await bench.ask(*parts[:2], reply_tokens=12)
    again = await bench.ask(*parts, reply_tokens=12)
    assert again.finished.prompt_tokens is not None
    if engine.exact:
        assert again.finished.prompt_tokens == (await bench.prompt(*parts)).tokens


async def test_closing_the_stream_frees_the_engine(bench: Bench) -> None:
    bench.script("one two three four five six seven eight", NOON)
    prompt = await bench.prompt(HEAD, question("Tell me a long story about the sea."))
    async with aclosing(bench.engine.stream(prompt, reply_tokens=1000)) as stream:
        assert await anext(stream)
    answer = await collect(bench.engine, prompt, reply_tokens=5)
    assert answer.finished.reply_tokens


async def test_cancelling_whoever_reads_frees_the_engine(bench: Bench) -> None:
    begun = asyncio.Event()
    prompt = await bench.prompt(HEAD, question("Tell me a long story about the sea."))

    async def read() -> None:
        async with aclosing(bench.engine.stream(prompt, reply_tokens=1000)) as stream:
            begun.set()
            async for _ in stream:
                pass

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await collect(bench.engine, prompt, reply_tokens=5)).finished.reply_tokens


async def test_a_prompt_over_the_window_is_an_overflow_with_its_numbers(bench: Bench) -> None:
    engine = await bench.engine.probe()
    prompt = await bench.prompt(HEAD, question("word " * (engine.window + 200)))
    with pytest.raises(ContextOverflow) as caught:
        await collect(bench.engine, prompt)
    assert caught.value.prompt_tokens > caught.value.window == engine.window


async def test_control_tokens_in_peoples_text_stay_text(bench: Bench) -> None:
    plain = await bench.ask(HEAD, question("hello"), reply_tokens=1)
    hostile = await bench.ask(HEAD, question("hello" + bench.control * 20), reply_tokens=1)
    assert plain.finished.prompt_tokens is not None
    assert hostile.finished.prompt_tokens is not None
    assert hostile.finished.prompt_tokens - plain.finished.prompt_tokens >= 60  # live, they would be 20


async def test_rendering_is_deterministic(bench: Bench) -> None:
    parts = (HEAD, question("hello"), Reply(text="hi"), Results(results=(Result(call_id="a", name="b", content="c"),)))
    assert await bench.prompt(*parts) == await bench.prompt(*parts)


async def test_a_finished_length_says_so(bench: Bench) -> None:
    bench.script("one two three four five six")
    answer = await bench.ask(HEAD, question("Tell me a long story about the sea."), reply_tokens=2)
    assert (answer.finished.reason, answer.finished.reply_tokens) == (StopReason.LENGTH, 2)


@pytest.mark.parametrize("bench", ["ollama", "openai", "llama-server"], indirect=True)
async def test_a_whole_tool_round_ends_with_words(bench: Bench) -> None:
    bench.script(CLOCK_CALL, NOON)
    asked = await bench.ask(HEAD, question("What time is it?"))
    (chunk,) = asked.calls
    assert (chunk.call.name, chunk.call.arguments, asked.text) == ("clock", "{}", "")
    result = Results(results=(Result(call_id=chunk.call.id, name="clock", content="12:00"),))
    told = await bench.ask(HEAD, question("What time is it?"), Reply(text="", calls=(chunk.call,)), result)
    assert (told.text, told.calls) == (NOON, [])


@pytest.mark.parametrize("bench", ["ollama", "openai", "llama-server"], indirect=True)
async def test_a_picture_reaches_the_engine_and_is_counted(bench: Bench) -> None:
    engine = await bench.engine.probe()
    assert engine.vision
    prompt = await bench.prompt(HEAD, question("What is this?", bench.pictures.add(308, 196)))
    without = await bench.ask(HEAD, question("What is this?"), reply_tokens=1)
    reported = (await collect(bench.engine, prompt, reply_tokens=1)).finished.prompt_tokens
    assert reported is not None
    assert without.finished.prompt_tokens is not None
    assert 84 <= reported - without.finished.prompt_tokens <= 88
    assert reported == prompt.tokens if engine.exact else reported <= prompt.tokens
    if bench.double is not None:
        assert bench.double.generations[-1].images == tuple(bench.pictures.kept.values())


@pytest.mark.parametrize("bench", ["ollama", "openai"], indirect=True)
async def test_calls_asked_for_in_parallel_all_arrive(bench: Bench) -> None:
    bench.script('[TOOL_CALLS][{"name": "clock", "arguments": {}}, {"name": "clock", "arguments": {"zone": "<UTC>"}}]')
    answer = await bench.ask(HEAD, question("What time is it, here and in UTC?"))
    calls = [chunk.call for chunk in answer.calls]
    assert [call.name for call in calls] == ["clock", "clock"]
    assert "<UTC>" in calls[1].arguments
    assert calls[0].id != calls[1].id

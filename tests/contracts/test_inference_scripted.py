"""What every engine adapter must do where its engine is scripted, fails, goes silent or is not there at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio

from bot.errors import BackendError, EngineBroke, EngineStalled, EngineUnreachable, ModelMissing
from bot.inference.tekken import Tekken
from bot.talk.prompt import TextChunk
from bot.talk.turn import Reply
from tests import ollama_server as double
from tests.contracts.engines import (
    HEAD,
    NOON,
    Bench,
    collect,
    embedded,
    ollama,
    openai,
    question,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")  # as the fixtures

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""

STALL_SECONDS, FIRST_SECONDS = 0.25, 0.5


@pytest_asyncio.fixture(params=["ollama", "openai"], loop_scope="module")
async def scripted(request: pytest.FixtureRequest, tekken: Tekken) -> AsyncGenerator[Bench]:
    async with ollama(tekken) if request.param == "ollama" else openai() as ready:
        yield ready


@pytest_asyncio.fixture(params=["ollama", "openai"], loop_scope="module")
async def impatient(request: pytest.FixtureRequest, tekken: Tekken) -> AsyncGenerator[Bench]:
    if request.param == "ollama":
        made = ollama(tekken, "", stall_seconds=STALL_SECONDS, first_token_seconds=FIRST_SECONDS)
    else:
        made = openai("", stall_seconds=STALL_SECONDS, first_token_seconds=FIRST_SECONDS)
    async with made as ready:
        yield ready


def _double(bench: Bench) -> double.OllamaServer:
    assert bench.double is not None
    return bench.double


@pytest.mark.parametrize("kind", ["ollama", "openai"])
async def test_rendering_needs_no_engine(kind: str, tekken: Tekken) -> None:
    parts = (HEAD, question("hello"), Reply(text="hi"))
    async with ollama(tekken) if kind == "ollama" else openai() as here:
        wanted = await here.prompt(*parts)
        assert not _double(here).requests
    async with ollama(tekken, NOWHERE) if kind == "ollama" else openai(NOWHERE) as away:
        assert await away.prompt(*parts) == wanted


@pytest.mark.parametrize("kind", ["ollama", "openai", "embedded"])
async def test_an_engine_that_is_not_there_is_unreachable(kind: str, tekken: Tekken, tmp_path: Path) -> None:
    made = {"ollama": lambda: ollama(tekken, NOWHERE), "openai": lambda: openai(NOWHERE)}
    async with made.get(kind, lambda: embedded(tmp_path / "missing.gguf"))() as away:
        with pytest.raises(EngineUnreachable):
            await away.engine.probe()
        with pytest.raises(EngineUnreachable):
            await away.ask(HEAD, question("hello"))


async def test_the_next_prompt_starts_with_the_last_one_and_its_reply(scripted: Bench) -> None:
    scripted.script("Bonjour.", "Au revoir.")
    parts = [HEAD, question("Say hi."), Reply(text="Bonjour."), question("Say bye.")]
    await scripted.ask(*parts[:2])
    await scripted.ask(*parts)
    first, second = _double(scripted).generations
    assert second.prompt.startswith(first.prompt + "Bonjour.")
    assert second.reused >= first.tokens + 3


async def test_a_reader_who_leaves_is_noticed_by_the_engine(scripted: Bench) -> None:
    gate = double.Gate()
    _double(scripted).script(double.Reply(text="one two three", gate=gate))
    prompt = await scripted.prompt(HEAD, question("hello"))
    await gate.let(1)
    async with aclosing(scripted.engine.stream(prompt, reply_tokens=10)) as stream:
        first = await anext(stream)
    assert first == TextChunk(text="one")
    async with asyncio.timeout(30):
        await _double(scripted).generations[0].disconnected.wait()


@pytest.mark.parametrize("after", [0, 2])
async def test_an_engine_that_goes_silent_has_stalled(impatient: Bench, after: int) -> None:
    _double(impatient).script(double.Reply(text="one two three", mishap=double.Mishap.STALL, after=after))
    with pytest.raises(EngineStalled):
        await impatient.ask(HEAD, question("hello"))


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("mishap", [double.Mishap.ERROR, double.Mishap.END, double.Mishap.DROP, double.Mishap.GARBAGE])
async def test_an_engine_that_fails_in_mid_stream_broke(scripted: Bench, mishap: double.Mishap, after: int) -> None:
    _double(scripted).script(double.Reply(text="one two three", mishap=mishap, after=after))
    with pytest.raises(EngineBroke):
        await scripted.ask(HEAD, question("hello"))
    assert any(series.name == "engine_failures_total" for series in scripted.counters.snapshot())


async def test_a_missing_model_is_named(scripted: Bench) -> None:
    _double(scripted).remove("mistral-small3.1")
    with pytest.raises(ModelMissing, match=r"mistral-small3\.1"):
        await scripted.engine.probe()
    with pytest.raises(ModelMissing, match=r"mistral-small3\.1"):
        await scripted.ask(HEAD, question("hello"))


async def test_a_busy_engine_is_a_failure_of_the_engine(scripted: Bench) -> None:
    _double(scripted).script(double.BUSY)
    with pytest.raises(BackendError):
        await scripted.ask(HEAD, question("hello"))


@pytest.mark.parametrize("scripted", ["openai"], indirect=True)  # Ollama's own complaints quote no prompt
async def test_no_failure_repeats_what_people_wrote(scripted: Bench) -> None:
    _double(scripted).script(double.Refusal(status=400, error="bad request: 'my secret' is not right"))
    with pytest.raises(BackendError) as caught:
        await scripted.ask(HEAD, question("my secret"))
    assert "my secret" not in str(caught.value)


async def test_a_picture_that_is_gone_fails_the_turn(scripted: Bench) -> None:
    prompt = await scripted.prompt(HEAD, question("What is this?", scripted.pictures.add(56, 56)))
    scripted.pictures.kept.clear()
    with pytest.raises(BackendError):
        await collect(scripted.engine, prompt)


async def test_the_door_shut_and_open_again_needs_no_restart(scripted: Bench) -> None:
    await _double(scripted).shut_door()
    with pytest.raises(EngineUnreachable):
        await scripted.ask(HEAD, question("hello"))
    await _double(scripted).open_door()
    assert (await scripted.ask(HEAD, question("hello"))).text == NOON

"""What is found out about an Ollama, and what the doctor says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from bot.errors import EngineRefused, EngineUnreachable, ModelMissing
from bot.inference.ollama_pull import pull
from bot.inference.ollama_wire import Shown
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import PullProgress
from tests.inference.asking import HEAD, QUESTION, hear, prompt_of
from tests.inference.bare import bare
from tests.inference.conftest import Connect
from tests.ollama_server import Model, OllamaServer, recorded


def by_topic(found: object) -> Mapping[str, Finding]:
    assert isinstance(found, list | tuple)
    return {finding.topic: finding for finding in found}


async def test_probing_loads_the_model_and_reports_what_really_is(connect: Connect, server: OllamaServer) -> None:
    engine = await connect(window=8192).probe()
    assert engine.window == 8192
    assert engine.version == "0.32.15"
    assert (engine.vision, engine.tools, engine.exact, engine.demo) == (True, True, True, False)
    assert engine.resident == 1
    assert [load.window for load in server.loads] == [8192]


async def test_a_prompt_after_probing_does_not_load_the_model_again(connect: Connect, server: OllamaServer) -> None:
    engine = connect()
    await engine.probe()
    await engine.probe()
    await hear(engine, await prompt_of(engine, HEAD, QUESTION))
    assert len(server.loads) == 1


async def test_a_model_that_was_unloaded_meanwhile_makes_another_engine_of_it(
    connect: Connect, server: OllamaServer
) -> None:
    adapter = connect()
    first = await adapter.probe()
    assert await adapter.probe() == first
    server.engine.unload()
    again = await adapter.probe()
    assert again != first
    assert await adapter.probe() == again


async def test_keeping_the_model_for_no_time_still_lets_it_be_probed(connect: Connect, server: OllamaServer) -> None:
    assert (await connect(keep_alive="0", window=4096).probe()).window == 4096
    assert server.requests[-2].body["keep_alive"] != 0


async def test_a_smaller_window_than_asked_for_is_the_real_one(connect: Connect, server: OllamaServer) -> None:
    server.add(Model(name="mistral-small3.1", context_length=4096))
    adapter = connect(window=16384)
    assert (await adapter.probe()).window == 4096
    finding = by_topic(await adapter.examine())["window"]
    assert finding.level is Level.WARNING
    assert "ENGINE_WINDOW=4096" in finding.mend


async def test_a_model_partly_on_the_card_says_how_much(connect: Connect, server: OllamaServer) -> None:
    server.add(Model(name="mistral-small3.1", on_gpu=0.5))
    adapter = connect()
    resident = (await adapter.probe()).resident
    assert resident == pytest.approx(0.5)
    finding = by_topic(await adapter.examine())["residence"]
    assert finding.level is Level.WARNING
    assert "50%" in finding.found
    assert "a smaller quantization" in finding.mend


async def test_a_healthy_engine_has_only_good_findings(connect: Connect) -> None:
    found = by_topic(await connect().examine())
    assert {
        "engine",
        "model",
        "window",
        "vision",
        "temperature",
        "kv",
        "room",
        "speed",
        "slots",
        "counts",
    } <= found.keys()
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert not any(finding.mend for finding in found.values())


async def test_a_model_without_eyes_is_a_finding(connect: Connect, server: OllamaServer) -> None:
    server.add(Model(name="mistral-small3.1", capabilities=("completion", "tools")))
    finding = by_topic(await connect().examine())["vision"]
    assert finding.level is Level.WARNING
    assert finding.mend


async def test_a_missing_model_is_told_with_the_command_that_fetches_it(connect: Connect) -> None:
    adapter = connect(model="mistral-large")
    with pytest.raises(ModelMissing):
        await adapter.probe()
    found = by_topic(await adapter.examine())
    assert found["engine"].level is Level.OK
    assert found["model"].level is Level.PROBLEM
    assert "calanque pull" in found["model"].mend


async def test_an_absent_engine_is_one_finding_with_the_way_to_start_it(connect: Connect, server: OllamaServer) -> None:
    await server.shut_door()
    adapter = connect()
    with pytest.raises(EngineUnreachable):
        await adapter.probe()
    (finding,) = await adapter.examine()
    assert finding.level is Level.PROBLEM
    assert "ollama serve" in finding.mend
    assert server.url in finding.mend


def shown(architecture: str, splitter: str | None = None) -> Shown:
    info = {"general.architecture": architecture, "tokenizer.ggml.pre": splitter}
    return Shown.model_validate({"details": {"family": architecture}, "model_info": info})


def test_models_of_our_format_are_told_from_others() -> None:
    assert Shown.model_validate_json(recorded("08").lines[0]).spoken
    assert shown("mistral3").spoken
    assert shown("llama", "tekken").spoken  # older conversions of Mistral Small for llama.cpp
    assert not shown("llama", "llama-bpe").spoken
    assert not shown("gemma3").spoken
    assert not Shown.model_validate_json("{}").spoken


async def test_a_model_of_another_kind_is_refused_with_a_way_out(connect: Connect) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        known: dict[str, object] = (
            {"version": "0.32.15"} if b"version" in request else {"details": {"family": "gemma3"}}
        )
        body = json.dumps(known).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    async with bare(answer) as url:
        adapter = connect(url=url)
        with pytest.raises(EngineRefused, match=r"gemma3.*ENGINE_KIND=openai"):
            await adapter.probe()
        (finding,) = await adapter.examine()
    assert finding.level is Level.PROBLEM


async def test_fetching_a_model_tells_how_far_it_is(connect: Connect, server: OllamaServer) -> None:
    server.remove("mistral-small3.1")
    adapter = connect()
    progress: list[PullProgress] = [step async for step in pull(EngineSettings(url=server.url), "mistral-small3.1")]
    assert progress[-1].status == "success"
    assert progress[-1].completed == progress[-1].total > 0
    assert [step.completed for step in progress] == sorted(step.completed for step in progress)
    assert await adapter.probe()


async def test_a_model_that_cannot_be_fetched_is_said_so(server: OllamaServer) -> None:
    said = json.loads(recorded("38").lines[-1])["error"]
    server.fail_pulls(said)
    with pytest.raises(EngineRefused, match="no such host"):
        [step async for step in pull(EngineSettings(url=server.url), "mistral-small3.1")]


async def test_fetching_without_an_ollama_says_so(server: OllamaServer) -> None:
    await server.shut_door()
    with pytest.raises(EngineUnreachable, match="is it running"):
        [step async for step in pull(EngineSettings(url=server.url), "mistral-small3.1")]

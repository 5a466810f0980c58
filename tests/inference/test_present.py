"""Whether an engine is there can be asked as often as one likes: nothing is loaded, nothing is held up by it."""

from __future__ import annotations

import pytest

from bot.errors import EngineUnreachable, ModelMissing
from bot.inference.embedded import EmbeddedInference
from bot.inference.openai_compatible import OpenAIInference
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import EngineSettings
from tests.contracts.engines import Bytes
from tests.inference.conftest import Connect
from tests.ollama_server import OllamaServer


def _openai(server: OllamaServer, **settings: object) -> OpenAIInference:
    chosen = EngineSettings.model_validate({"url": server.url} | settings)
    return OpenAIInference(chosen, images=Bytes(), counters=MemoryCounters(), clock=SystemClock())


async def test_an_ollama_is_there_without_its_model_being_loaded(connect: Connect, server: OllamaServer) -> None:
    engine = connect()
    for _ in range(3):
        await engine.present()
    assert server.loads == []
    assert {request.path for request in server.requests} == {"/api/version", "/api/show"}


async def test_an_ollama_without_the_model_or_without_a_daemon_is_not_there(
    connect: Connect, server: OllamaServer
) -> None:
    with pytest.raises(ModelMissing):
        await connect(model="nobody-has-this").present()
    engine = connect()
    await server.shut_door()
    with pytest.raises(EngineUnreachable):
        await engine.present()
    await server.open_door()
    await engine.present()


async def test_another_server_is_there_when_it_serves_the_model(server: OllamaServer) -> None:
    async with _openai(server) as engine:
        await engine.present()
        await server.shut_door()
        with pytest.raises(EngineUnreachable):
            await engine.present()
        await server.open_door()
    async with _openai(server, model="nobody-has-this") as engine:
        with pytest.raises(ModelMissing):
            await engine.present()
    assert server.loads == []


async def test_the_demo_is_there_where_it_starts() -> None:
    settings = EngineSettings()
    async with EmbeddedInference(settings, images=Bytes(), counters=MemoryCounters(), clock=SystemClock()) as engine:
        await engine.present()

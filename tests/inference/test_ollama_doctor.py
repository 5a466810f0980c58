"""What the doctor says about an Ollama: each gap with what it costs and what mends it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest

from bot.inference import measure as measuring
from bot.inference.kv_room import BYTES
from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.operate.clock import SystemClock
from bot.settings import EngineSettings, KvType
from bot.talk.finding import Finding, Level
from tests.inference.conftest import Connect, Counts, Pictures
from tests.ollama_server import BUSY, Gate, Model, OllamaServer, Reply
from tests.ollama_server.model import F16_KV_BYTES
from tests.ollama_server.templates import LIBRARY

Q8_KV_BYTES = F16_KV_BYTES / 2 * BYTES[KvType.Q8_0]


async def said(adapter: OllamaInference) -> Mapping[str, Finding]:
    return {finding.topic: finding for finding in await adapter.examine()}


@asynccontextmanager
async def daemon(tekken: Tekken, server: OllamaServer, **settings: object) -> AsyncGenerator[OllamaInference]:
    async with server:
        chosen = EngineSettings.model_validate({"url": server.url} | settings)
        async with OllamaInference(
            chosen, images=Pictures(), counters=Counts(), clock=SystemClock(), tekken=tekken
        ) as adapter:
            yield adapter


@pytest.mark.parametrize(
    ("version", "cost"),
    [("0.12.5", "cuts what does not fit"), ("0.20.1", "read anew"), ("0.30.0", "does not report")],
)
async def test_a_daemon_that_is_too_old_says_what_that_costs(tekken: Tekken, version: str, cost: str) -> None:
    async with daemon(tekken, OllamaServer(version=version)) as adapter:
        finding = (await said(adapter))["engine"]
    assert finding.level is Level.WARNING
    assert cost in finding.found
    assert "update Ollama" in finding.mend


@pytest.mark.parametrize("version", ["0.30.1", "0.32.15", "0.33.0-rc2", "0.0.0", "of our own"])
async def test_a_new_daemon_or_one_built_at_home_is_fine(tekken: Tekken, version: str) -> None:
    async with daemon(tekken, OllamaServer(version=version)) as adapter:
        assert (await adapter.probe()).host_cache_bytes == 8192 * 2**20
        assert (await said(adapter))["engine"].level is Level.OK


async def test_the_room_is_added_up_from_what_the_engine_says(connect: Connect, server: OllamaServer) -> None:
    server.add(Model(name="mistral-small3.1", kv_bytes=Q8_KV_BYTES))
    found = await said(connect(window=65536))
    assert "q8_0" in found["kv"].found
    assert "85 KiB a token × 65,536 × 1 slot = 5.3 GiB" in found["room"].found
    assert "8 GiB of main memory hold 98,689 tokens: about 3 channels of 32,768 tokens" in found["room"].found
    assert "read anew in" in found["room"].found
    assert found["room"].level is Level.OK


async def test_a_type_that_is_set_is_believed(connect: Connect, server: OllamaServer) -> None:
    engine = connect(window=65536, kv_type="q4_0", host_cache_mib=1024)
    probed = await engine.probe()
    assert (probed.kv_bytes, probed.host_cache_bytes) == (45 * 1024, 2**30)
    assert "by ENGINE_KV_TYPE" in (await said(engine))["kv"].found


async def test_a_type_that_cannot_be_told_for_sure_is_taken_for_the_dearest(connect: Connect) -> None:
    finding = (await said(connect(window=4096)))["kv"]
    assert "taken for f16" in finding.found
    assert "ENGINE_KV_TYPE" in finding.found


@pytest.mark.parametrize(("version", "mend"), [("0.32.15", "LLAMA_ARG_CACHE_RAM=8192"), ("0.20.1", "update Ollama")])
async def test_a_daemon_that_keeps_one_channel_warm_is_told_what_would_keep_more(
    tekken: Tekken, version: str, mend: str
) -> None:
    async with daemon(tekken, OllamaServer(version=version), host_cache_mib=0) as adapter:
        assert (await adapter.probe()).host_cache_bytes == 0
        finding = (await said(adapter))["room"]
    assert finding.level is Level.WARNING
    assert mend in finding.mend


async def test_a_cache_that_is_quantized_already_is_not_told_to_be(connect: Connect, server: OllamaServer) -> None:
    quantized = "OLLAMA_KV_CACHE_TYPE=q8_0"
    assert quantized in (await said(connect(window=65536, host_cache_mib=0)))["room"].mend
    server.add(Model(name="mistral-small3.1", kv_bytes=Q8_KV_BYTES))
    assert quantized not in (await said(connect(window=65536, host_cache_mib=0)))["room"].mend


async def test_with_more_slots_the_type_is_told_under_the_condition_that_there_are_so_many(connect: Connect) -> None:
    assert "if it has 2 slots" in (await said(connect(window=65536, slots=2)))["kv"].found


@pytest.mark.parametrize(
    ("on_gpu", "found", "advised"),
    [
        (1.0, "wholly on the GPU", ()),
        (0.9, "only 90% on the GPU", ("OLLAMA_KV_CACHE_TYPE=q8_0", "ENGINE_WINDOW=")),
        (0.75, "only 75% on the GPU", ("ENGINE_WINDOW=",)),
        (0.4, "only 40% on the GPU", ("a smaller quantization",)),
        (0.0, "not at all on the GPU", ("a smaller quantization",)),
    ],
)
async def test_what_brings_the_model_onto_the_card_is_reckoned_from_how_much_lies_outside(
    connect: Connect, server: OllamaServer, on_gpu: float, found: str, advised: tuple[str, ...]
) -> None:
    server.add(Model(name="mistral-small3.1", on_gpu=on_gpu))
    finding = (await said(connect(window=65536)))["residence"]
    assert finding.found.startswith(found)
    assert finding.level is (Level.WARNING if advised else Level.OK)
    possible = ("OLLAMA_KV_CACHE_TYPE=q8_0", "ENGINE_WINDOW=", "a smaller quantization")
    assert tuple(one for one in possible if one in finding.mend) == advised


async def test_the_window_that_is_advised_fits_the_card(connect: Connect, server: OllamaServer) -> None:
    model = Model(name="mistral-small3.1", on_gpu=0.8)
    server.add(model)
    mend = (await said(connect(window=65536)))["residence"].mend
    advised = re.search(r"ENGINE_WINDOW=(\d+)", mend)
    assert advised is not None
    fits = 0.8 * model.loaded_bytes(65536)
    assert fits - 1024 * model.kv_bytes < model.loaded_bytes(int(advised[1])) <= fits


async def test_speed_is_measured_and_handed_on(connect: Connect, server: OllamaServer) -> None:
    engine = connect()
    assert (await engine.probe()).prefill_rate is None
    found = await said(engine)
    probed = await engine.probe()
    assert probed.prefill_rate is not None
    assert probed.generation_rate is not None
    assert f"reads {probed.prefill_rate:,.0f} tokens a second" in found["speed"].found
    long = max(server.generations, key=lambda request: request.tokens)
    assert 1000 < long.tokens < 2100
    assert long.reused < 10  # nobody has cached it


async def test_a_glance_asks_for_no_token(connect: Connect, server: OllamaServer) -> None:
    topics = {finding.topic for finding in await connect().glance()}
    assert {"engine", "window", "room"} <= topics
    assert not {"speed", "counts", "template"} & topics
    assert not server.generations


async def test_an_engine_that_is_busy_with_people_is_left_alone(
    connect: Connect, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "BUSY_SECONDS", 0.05)
    server.script(Reply(text="…", gate=Gate()))
    finding = (await said(connect()))["speed"]
    assert finding.level is Level.WARNING
    assert "busy" in finding.found
    assert len(server.generations) == 1
    async with asyncio.timeout(30):
        await server.generations[0].disconnected.wait()


async def test_an_engine_that_fails_in_the_middle_tells_what_was_measured(
    connect: Connect, server: OllamaServer
) -> None:
    server.script(lambda _: "one", BUSY)
    finding = (await said(connect()))["speed"]
    assert finding.level is Level.WARNING
    assert "503" in finding.found


async def test_a_window_that_takes_longer_to_read_than_is_waited_is_told(connect: Connect) -> None:
    finding = (await said(connect(window=131072, first_token_seconds=5)))["speed"]
    assert finding.level is Level.WARNING
    assert "ENGINE_FIRST_TOKEN_SECONDS=" in finding.mend


async def test_a_temperature_that_breaks_calls_is_told(connect: Connect, server: OllamaServer) -> None:
    server.add(Model(name="mistral-small3.1", parameters={"num_ctx": 4096, "temperature": 0.3}))
    cool, hot = (await said(connect()))["temperature"], (await said(connect(temperature=1)))["temperature"]
    assert cool.level is Level.OK
    assert "others get 0.3" in cool.found
    assert hot.level is Level.WARNING
    assert "ENGINE_TEMPERATURE=0.15" in hot.mend


async def test_the_template_of_the_library_is_linted_and_said_to_be_a_matter_of_others(
    connect: Connect, server: OllamaServer
) -> None:
    finding = (await said(connect()))["template"]
    assert "forgets the tools after a result" in finding.found
    assert "other programs only" in finding.found
    server.add(Model(name="mistral-small3.1", template=LIBRARY + "{{/* mended */}}"))
    assert "sound" in (await said(connect()))["template"].found


async def test_a_model_that_was_loaded_with_another_window_tells_that_somebody_shares_it(connect: Connect) -> None:
    await connect(window=4096).probe()
    finding = (await said(connect(window=8192)))["sharing"]
    assert "4,096" in finding.found
    assert "num_ctx 8192" in finding.mend
    assert "sharing" not in await said(connect(window=8192))

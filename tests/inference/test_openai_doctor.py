"""What the doctor says about a server from what it tells of itself: llama-server tells most, others next to nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.inference.kv_room import BYTES
from bot.inference.openai_findings import findings
from bot.inference.openai_server import Found, engine_of
from bot.inference.openai_wire import Generation, Meta, Props, Sampling, Served
from bot.settings import EngineSettings, KvType
from bot.talk.finding import Finding, Level

FILE = "/models/mistral-small-3.1-24b.gguf"
MISTRAL_SMALL = Meta(n_ctx=65536, n_ctx_train=131072, n_vocab=131072, n_embd=5120, n_params=23_572_403_200)
LLAMA = Found(
    served=Served(id=FILE, owned_by="llamacpp", meta=MISTRAL_SMALL),
    props=Props(default_generation_settings=Generation(n_ctx=65536, params=Sampling(temperature=0.8)), total_slots=1),
)
OTHER = Found(served=Served(id="mistral-small3.1", owned_by="vllm", max_model_len=65536), props=Props())


def said(found: Found, **settings: object) -> Mapping[str, Finding]:
    chosen = EngineSettings.model_validate({"window": 65536} | settings)
    told = findings(found, engine_of(found, chosen), chosen, None)
    assert all(bool(finding.mend) is (finding.level is not Level.OK) for finding in told)
    return {finding.topic: finding for finding in told}


@pytest.mark.parametrize(("set_to", "kept", "kib"), [("auto", "f16", "160"), ("q8_0", "q8_0", "85")])
def test_mistral_small_on_llama_server_has_its_room_added_up(set_to: str, kept: str, kib: str) -> None:
    engine = engine_of(LLAMA, EngineSettings.model_validate({"kv_type": set_to}))
    assert engine.kv_bytes == 40 * 8 * 256 * BYTES[KvType(kept)]
    found = said(LLAMA, kv_type=set_to)
    assert kept in found["kv"].found
    assert ("ENGINE_KV_TYPE can say it" in found["kv"].found) is (set_to == "auto")
    assert found["room"].found.startswith(f"{kib} KiB a token × 65,536 × 1 slot = ")
    assert found["room"].level is Level.OK


def test_a_server_without_a_cache_in_main_memory_is_told_how_to_have_one() -> None:
    room, quantized = said(LLAMA, host_cache_mib=0)["room"], said(LLAMA, host_cache_mib=0, kv_type="q8_0")["room"]
    assert room.level is quantized.level is Level.WARNING
    assert "--cache-ram 8192" in room.mend
    assert "--cache-type-k q8_0" in room.mend
    assert "--cache-type-k" not in quantized.mend


def test_a_model_that_nothing_is_known_of_has_no_sum() -> None:
    found = said(OTHER)
    assert "kv" not in found
    assert "does not say what they take up" in found["room"].found


def test_a_server_that_serves_its_one_model_by_any_name_says_which_it_is() -> None:
    assert said(LLAMA)["model"].found.startswith(f"{FILE}, asked for as mistral-small3.1 (")
    assert said(OTHER)["model"].found.startswith("mistral-small3.1 (")


def test_the_temperature_is_ours_and_what_others_get_is_told_where_it_is_known() -> None:
    assert "(others get 0.8 from this model)" in said(LLAMA)["temperature"].found
    assert "others" not in said(OTHER)["temperature"].found
    assert "ENGINE_TEMPERATURE=0.15" in said(OTHER, temperature=1.0)["temperature"].mend

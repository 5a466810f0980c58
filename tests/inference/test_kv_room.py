"""What a token takes up, and how the engine keeps it, told from what it says of itself."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from hypothesis import given
from hypothesis import strategies as st

from bot.inference.kv_room import BYTES, COMPUTE_BYTES, Kept, deduce, numbers_of_known, numbers_per_token, weight_bytes
from bot.inference.ollama_wire import Processes, Shown
from bot.settings import KvType
from bot.talk.prompt import Engine
from tests.ollama_server import Model, recorded
from tests.ollama_server.model import LAYERS, TENSORS

SMALL = Model(name="mistral-small3.1").info
NUMBERS = numbers_per_token(SMALL, "mistral3") or 0
WEIGHTS = 14 * 10**9
TYPES = st.sampled_from(list(BYTES))


def test_mistral_small_takes_what_its_card_table_says() -> None:
    kib = {kind: NUMBERS * each / 1024 for kind, each in BYTES.items()}
    assert kib == {KvType.F16: 160, KvType.Q8_0: 85, KvType.Q4_0: 45}


def test_mistral_small_is_known_by_its_shape_where_a_server_tells_no_more() -> None:
    shapes = {str(tensor["name"]): cast("list[int]", tensor["shape"]) for tensor in TENSORS}
    width, vocabulary = shapes["token_embd.weight"]
    norms = width * (2 * LAYERS + 1)
    parameters = sum(map(math.prod, shapes.values())) + norms
    assert numbers_of_known(vocabulary=vocabulary, width=width, parameters=parameters) == NUMBERS
    assert numbers_of_known(vocabulary=vocabulary, width=width, parameters=parameters - norms) is None
    assert numbers_of_known(vocabulary=None, width=None, parameters=None) is None


def test_a_recorded_model_says_what_it_keeps() -> None:
    shown = Shown.model_validate_json(recorded("08").lines[0])
    assert numbers_per_token(shown.model_info, shown.architecture) == 2 * 1 * (16 + 16)


def test_a_recorded_daemon_tells_the_size_of_what_it_loaded() -> None:
    shown = Shown.model_validate_json(recorded("08").lines[0])
    (running,) = Processes.model_validate_json(recorded("07").lines[0]).models
    weights = weight_bytes((tensor.name, tensor.type, tensor.shape) for tensor in shown.tensors)
    assert 0 < weights < running.size
    assert (running.context_length, running.digest[:12]) == (4096, "fb8040a185c3")
    # half a megabyte of cache says nothing beside 24 MB of everything else
    assert deduce(64, tokens=4096, size=running.size, weights=weights) == Kept(type=KvType.F16, sure=False)


def test_a_model_without_lengths_of_heads_has_them_from_its_width() -> None:
    info = {f"llama.{name}": value for name, value in (("block_count", 2), ("embedding_length", 64))}
    assert numbers_per_token(info | {"llama.attention.head_count": 4}, "llama") == 2 * 4 * (16 + 16)


def test_layers_that_differ_are_added_up_and_an_emptied_list_says_nothing() -> None:
    assert numbers_per_token({**SMALL, "mistral3.attention.head_count_kv": [8] * 39 + [4]}, "mistral3") == (
        NUMBERS - 4 * 256
    )
    assert numbers_per_token({**SMALL, "mistral3.attention.head_count_kv": []}, "mistral3") is None
    assert numbers_per_token({}, "mistral3") is None
    assert numbers_per_token({**SMALL, "mistral3.block_count": "many"}, "mistral3") is None


@given(kind=TYPES, window=st.integers(2048, 262_144), slots=st.integers(1, 8), rest=st.integers(0, COMPUTE_BYTES - 1))
def test_no_channel_is_promised_more_room_than_there_is(kind: KvType, window: int, slots: int, rest: int) -> None:
    tokens = window * slots
    size = WEIGHTS + int(NUMBERS * BYTES[kind] * tokens) + 1 + rest
    kept = deduce(NUMBERS, tokens=tokens, size=size, weights=WEIGHTS)
    assert BYTES[kept.type] >= BYTES[kind]
    assert not kept.sure or kept.type is kind


@pytest.mark.parametrize("kind", [KvType.F16, KvType.Q8_0, KvType.Q4_0])
def test_at_a_wide_window_the_size_of_the_loaded_model_tells_the_type(kind: KvType) -> None:
    size = WEIGHTS + int(NUMBERS * BYTES[kind] * 65536) + 700 * 2**20
    kept = deduce(NUMBERS, tokens=65536, size=size, weights=WEIGHTS)
    assert (kept.type, kept.sure) == (kind, True)


def test_an_engine_that_says_nothing_of_its_size_or_weights_is_taken_to_keep_the_dearest() -> None:
    for size, weights in ((0, WEIGHTS), (3 * WEIGHTS, 0), (WEIGHTS + 1, WEIGHTS)):
        kept = deduce(NUMBERS, tokens=65536, size=size, weights=weights)
        assert (kept.type, kept.sure) == (KvType.F16, False)


@pytest.mark.parametrize("kind", ["F32", "BF16", "Q4_K", "Q6_K", "Q8_0", "Q5_1", "IQ4_XS", "IQ2_M", "MXFP4", "IQ3_XXS"])
def test_weights_are_as_large_as_their_blocks(kind: str) -> None:
    found = weight_bytes([("blk.0.ffn_up.weight", kind, (512, 1024))])
    if kind not in GGMLQuantizationType.__members__:
        assert found == 0  # of an unknown type at least nothing is claimed
        return
    numbers, size = GGML_QUANT_SIZES[GGMLQuantizationType[kind]]
    assert found == 512 * 1024 // numbers * size


def test_the_table_that_looks_tokens_up_may_lie_elsewhere() -> None:
    assert weight_bytes([("token_embd.weight", "F16", (64, 64)), ("output.weight", "F16", (64, 64))]) == 64 * 64 * 2


def test_what_stays_warm_is_what_main_memory_holds_or_the_slots_alone() -> None:
    engine = Engine(name="ollama", model="m", window=65536, kv_bytes=85 * 1024, host_cache_bytes=8 * 2**30)
    assert engine.warm_tokens == engine.host_tokens == 98_689
    assert replace(engine, window=131_072).warm_tokens == 131_072
    assert Engine(name="ollama", model="m", window=65536, slots=2).warm_tokens == 2 * 65536

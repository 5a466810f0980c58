"""How much memory a token of evaluated prompt takes, and in which of llama.cpp's types an engine keeps it.

Sources: llama.cpp keeps for each layer and token `head_count_kv` keys and as many values; its quantized types store
blocks of 32 numbers with a scale of two bytes. What Ollama calls the size of a loaded model (`/api/ps`) is the sum of
the buffers that llama.cpp told of at loading: weights, KV cache, and what it computes in. The type of the cache it says
nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.settings import KvType

BYTES: Mapping[KvType, float] = {KvType.F16: 2.0, KvType.Q8_0: 34 / 32, KvType.Q4_0: 18 / 32}
"""Of one number in the cache, the dearest type first."""

COMPUTE_BYTES = 5 * 2**29
"""What llama.cpp computes in takes less than these 2.5 GiB, picture part included, where the cache is quantized: that
needs flash attention, and then only the batch and the vocabulary count, not the window."""

_BLOCKS: Mapping[str, tuple[int, int]] = {
    "F32": (1, 4),
    "F16": (1, 2),
    "BF16": (1, 2),
    "Q4_0": (32, 18),
    "Q4_1": (32, 20),
    "Q5_0": (32, 22),
    "Q5_1": (32, 24),
    "Q8_0": (32, 34),
    "MXFP4": (32, 17),
    "IQ4_NL": (32, 18),
    "Q2_K": (256, 84),
    "Q3_K": (256, 110),
    "Q4_K": (256, 144),
    "Q5_K": (256, 176),
    "Q6_K": (256, 210),
    "IQ2_XXS": (256, 66),
    "IQ2_XS": (256, 74),
    "IQ2_S": (256, 82),
    "IQ3_XXS": (256, 98),
    "IQ3_S": (256, 110),
    "IQ4_XS": (256, 136),
    "IQ1_S": (256, 50),
    "IQ1_M": (256, 56),
}
"""Numbers and bytes of a block of weights, by GGUF's names of the types."""


_KNOWN: Mapping[tuple[int, int, int], int] = {(131_072, 5_120, 23_572_403_200): 40 * 8 * (128 + 128)}
"""Numbers in the cache by vocabulary, width and parameters: Mistral Small 3, 3.1 and 3.2, and what was tuned of them.
Their configuration has 40 layers of 8 key and value heads of 128; the parameters are those of the language part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The type of the KV cache. `sure` False: a cheaper one would explain the engine's size as well."""

    type: KvType
    sure: bool


def numbers_per_token(info: Mapping[str, object], architecture: str) -> int | None:
    """How many numbers the cache keeps of a token, by GGUF's metadata; None where they do not say.

    More than is kept by models some of whose layers only look back a little way; never less.
    """
    layers, heads = (_whole(info.get(f"{architecture}.{name}")) for name in ("block_count", "attention.head_count"))
    width = _whole(info.get(f"{architecture}.embedding_length"))
    side = width // heads if width and heads else None
    key, value = (
        _whole(info.get(f"{architecture}.attention.{name}")) or side for name in ("key_length", "value_length")
    )
    kept = info.get(f"{architecture}.attention.head_count_kv", heads)
    if not layers or not key or not value:
        return None
    if isinstance(kept, list):  # one for each layer; Ollama empties lists that are longer than a few
        of_layers = [_whole(one) for one in cast("list[object]", kept)]
        known = [one for one in of_layers if one is not None]
        return sum(known) * (key + value) if len(known) == layers else None
    each = _whole(kept)
    return layers * each * (key + value) if each else None


def numbers_of_known(*, vocabulary: int | None, width: int | None, parameters: int | None) -> int | None:
    """As `numbers_per_token`, for servers that tell of a model no more than this."""
    return _KNOWN.get((vocabulary or 0, width or 0, parameters or 0))


def weight_bytes(tensors: Iterable[tuple[str, str, Sequence[int]]]) -> int:
    """What the weights (name, type, shape) take at least: types not known here count nothing, and what looks words up
    (`token_embd`) may lie outside of what the engine tells of."""
    total = 0
    for name, kind, shape in tensors:
        numbers, size = _BLOCKS.get(kind, (1, 0))
        if not name.startswith("token_embd"):
            total += math.prod(shape) * size // numbers
    return total


def deduce(numbers: int, *, tokens: int, size: int, weights: int) -> Kept:
    """The dearest type whose cache of so many `tokens` fits into what a loaded model's `size` leaves beside `weights`.

    Dearest, because a channel that is promised to stay warm and does not is worse than room that is not used.
    """
    left = size - weights
    fitting = [kind for kind, each in BYTES.items() if numbers * each * tokens <= left]
    if not weights or not fitting:
        return Kept(type=KvType.F16, sure=False)
    cheaper = fitting[1:2]
    unexplained = left - numbers * BYTES[cheaper[0]] * tokens if cheaper else 0
    return Kept(type=fitting[0], sure=not cheaper or unexplained > COMPUTE_BYTES)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

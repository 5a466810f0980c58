"""A model as the double has it installed: its metadata and sizes are those of Mistral Small 3.1 in q4_K_M."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.ollama_server.templates import LIBRARY

Json = Mapping[str, object]

LAYERS = 40
F16_KV_BYTES = LAYERS * 8 * (128 + 128) * 2
"""Of a token: eight heads of keys and values in each layer, two bytes a number."""

COMPUTE_BYTES = 700 * 2**20
_BLOCK = {"Q4_K": 144 / 256, "Q6_K": 210 / 256}
_OF_LAYER: Mapping[str, Sequence[int]] = {
    "attn_q": (5120, 4096),
    "attn_k": (5120, 1024),
    "attn_v": (5120, 1024),
    "attn_output": (4096, 5120),
    "ffn_gate": (5120, 32768),
    "ffn_up": (5120, 32768),
    "ffn_down": (32768, 5120),
}
TENSORS: Sequence[Json] = [
    {"name": "token_embd.weight", "type": "Q4_K", "shape": [5120, 131072]},
    {"name": "output.weight", "type": "Q6_K", "shape": [5120, 131072]},
    *(
        {"name": f"blk.{layer}.{name}.weight", "type": "Q4_K", "shape": list(shape)}
        for layer in range(LAYERS)
        for name, shape in _OF_LAYER.items()
    ),
]
_SHAPES: Sequence[tuple[str, Sequence[int]]] = [
    ("Q6_K", (5120, 131072)),
    *(("Q4_K", shape) for _ in range(LAYERS) for shape in _OF_LAYER.values()),
]
WEIGHTS_ON_CARD = int(sum(math.prod(shape) * _BLOCK[kind] for kind, shape in _SHAPES))
"""All but the table that looks tokens up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`on_gpu` is the share of it that fits the card; `kv_bytes` what its cache takes for a token; `weights` tells one
    pull of a model from another; `splitter` is the name of its pre-tokenizer."""

    name: str
    template: str = LIBRARY
    capabilities: tuple[str, ...] = ("completion", "vision", "tools")
    parameters: Mapping[str, object] = field(default_factory=lambda: {"num_ctx": 4096})
    on_gpu: float = 1.0
    context_length: int = 131_072
    kv_bytes: float = F16_KV_BYTES
    weights: str = "q4_K_M"
    splitter: str = "tekken"
    architecture: str = "mistral3"

    @property
    def full_name(self) -> str:
        return self.name if ":" in self.name else f"{self.name}:latest"

    @property
    def digest(self) -> str:
        """Of weights, template and parameters, as of a manifest."""
        parts = (self.full_name, self.weights, self.template, sorted(self.parameters.items()))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def info(self) -> Json:
        own = {
            "attention.head_count": 32,
            "attention.head_count_kv": 8,
            "attention.key_length": 128,
            "attention.value_length": 128,
            "block_count": LAYERS,
            "context_length": self.context_length,
            "embedding_length": 5120,
        }
        return {
            "general.architecture": self.architecture,
            "general.parameter_count": 24_010_000_000,
            "tokenizer.ggml.pre": self.splitter,
            **{f"{self.architecture}.{name}": value for name, value in own.items()},
        }

    def loaded_bytes(self, tokens: int) -> int:
        """The buffers of llama.cpp with a cache of so many tokens, as /api/ps adds them up."""
        return WEIGHTS_ON_CARD + int(self.kv_bytes * tokens) + COMPUTE_BYTES

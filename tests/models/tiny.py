"""Writes tiny GGUF models that real llama.cpp loads as Mistral Small 3.1, so that tests need no real weights.

The tokenizer is the real Tekken vocabulary, so counts, prefix reuse, images and overflow are the engine's own; only the
weights are made up. Two kinds:

- *noise*: random weights; what it says is meaningless.
- *scripted*: says fixed texts after fixed triggers, e.g. a tool call after `[/INST]`. Attention and feed-forward
  contribute nothing, every scripted token has an axis of the embedding to itself, and the output layer listens on that
  axis for the token that comes next. So a token has one successor, in all scripts together.
"""

from __future__ import annotations

import itertools
import json
import re
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import gguf
import mistral_common
import numpy as np
from gguf.vocab import MistralVocab
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from numpy.typing import NDArray

from tests.models.chat_template import CHAT_TEMPLATE
from tests.models.script import Script

Weights = NDArray[np.float16] | NDArray[np.float32]

WINDOW = 131_072
SCRIPT_TOKENS = 63
"""Distinct tokens that all scripts together may use: one axis each, less one."""

_WIDTH, _LAYERS, _HEADS, _KV_HEADS, _HEAD, _HIDDEN = 64, 2, 4, 1, 16, 128
_EYE_WIDTH, _EYE_HIDDEN, _PATCH, _LARGEST_SIDE, _MERGE = 32, 32, 14, 1540, 2
_CONTROL_TOKENS = 1000
_CONTROL = re.compile(r"(\[/?[A-Z_]+\]|</?s>)")
_SEED = 31


class ScriptClash(ValueError):
    """A token would need two successors, or the scripts use too many tokens; reword them."""


def write_text_model(path: Path, scripts: Sequence[Script] = ()) -> None:
    """The language model: noise without scripts (about 25 MB), scripted with them (about 42 MB). Takes seconds."""
    with _vocabulary() as folder:
        follows = successors(Tekkenizer.from_file(folder / "tekken.json"), scripts)
        writer = gguf.GGUFWriter(str(path), "mistral3")
        vocabulary = MistralVocab(folder)
        _describe_text_model(writer, vocabulary)
        for name, weights in _text_weights(vocabulary.vocab_size, follows):
            writer.add_tensor(name, weights)
        _finish(writer)


def write_projector(path: Path) -> None:
    """The vision part (`mmproj`), of random weights; what it costs in tokens depends only on the picture's size."""
    writer = gguf.GGUFWriter(str(path), "clip")
    writer.add_type("mmproj")
    writer.add_name("calanque-tiny-eye")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("pixtral")
    writer.add_vision_image_size(_LARGEST_SIDE)
    writer.add_vision_patch_size(_PATCH)
    writer.add_vision_spatial_merge_size(_MERGE)
    writer.add_vision_projection_dim(_WIDTH)
    writer.add_vision_embedding_length(_EYE_WIDTH)
    writer.add_vision_feed_forward_length(_EYE_HIDDEN)
    writer.add_vision_block_count(1)
    writer.add_vision_head_count(2)
    writer.add_vision_attention_layernorm_eps(1e-5)
    writer.add_vision_use_silu(True)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.25, 0.25, 0.25])
    writer.add_rope_freq_base(10_000.0)
    for name, weights in _projector_weights():
        writer.add_tensor(name, weights)
    _finish(writer)


def successors(tekken: Tekkenizer, scripts: Sequence[Script]) -> dict[int, int]:
    """Which token comes after which, in all scripts. Raises ScriptClash."""
    follows: dict[int, int] = {}
    for script in scripts:
        chain = [*_tokens(tekken, script.after), *_tokens(tekken, script.says)]
        for here, then in itertools.pairwise(chain):
            if follows.setdefault(here, then) != then:
                raise ScriptClash(f"{tekken.decode([here])!r} has two successors in {script.says!r}")
    if len(follows) > SCRIPT_TOKENS:
        raise ScriptClash(f"{len(follows)} distinct tokens, at most {SCRIPT_TOKENS} fit")
    return follows


def _tokens(tekken: Tekkenizer, text: str) -> Iterator[int]:
    for stretch in filter(None, _CONTROL.split(text)):
        if _CONTROL.fullmatch(stretch):
            yield tekken.get_special_token(stretch)
        else:
            yield from tekken.encode(stretch, bos=False, eos=False)


@contextmanager
def _vocabulary() -> Generator[Path]:
    """A folder with the vocabulary of mistral-common, declared as version 7 with vision, as Small 3.1 has it."""
    source = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    vocabulary = cast("dict[str, dict[str, object]]", json.loads(source.read_text(encoding="utf-8")))
    vocabulary["config"]["version"] = "v7"
    vocabulary["image"] = {
        "image_patch_size": _PATCH,
        "max_image_size": _LARGEST_SIDE,
        "spatial_merge_size": _MERGE,
    }
    with tempfile.TemporaryDirectory(prefix="calanque-tekken-") as folder:
        Path(folder, "tekken.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        yield Path(folder)


def _describe_text_model(writer: gguf.GGUFWriter, vocabulary: MistralVocab) -> None:
    writer.add_type("model")
    writer.add_name("calanque-tiny-mistral")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(WINDOW)
    writer.add_vocab_size(vocabulary.vocab_size)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_block_count(_LAYERS)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_key_length(_HEAD)
    writer.add_value_length(_HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_HEAD)
    writer.add_rope_freq_base(1e9)
    texts: list[bytes] = []
    kinds: list[gguf.TokenType] = []
    for text, _score, kind in vocabulary.all_tokens():
        texts.append(text)
        kinds.append(kind)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("tekken")
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges(vocabulary.extract_vocab_merges_from_model())
    writer.add_bos_token_id(vocabulary.bos_id)
    writer.add_eos_token_id(vocabulary.eos_id)
    writer.add_unk_token_id(vocabulary.unk_id)
    writer.add_pad_token_id(vocabulary.pad_id)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _text_weights(size: int, follows: Mapping[int, int]) -> Iterator[tuple[str, Weights]]:
    random = np.random.default_rng(_SEED)

    def noise(*shape: int, scale: float = 0.05) -> Weights:
        return (random.standard_normal(shape) * scale).astype(np.float16)

    silent = 0.0 if follows else 0.05
    embedding = noise(size, _WIDTH, scale=0.5)
    embedding[:_CONTROL_TOKENS] *= np.float16(0.02)  # noise hardly ever says a control token
    if follows:
        listening = np.zeros_like(embedding)
        for axis, (here, then) in enumerate(follows.items()):
            embedding[here] = 0
            embedding[here, axis] = 1
            listening[then, axis] = 8
        yield "output.weight", listening
    yield "token_embd.weight", embedding
    yield "output_norm.weight", _ones(_WIDTH)
    for block in range(_LAYERS):
        yield f"blk.{block}.attn_norm.weight", _ones(_WIDTH)
        yield f"blk.{block}.ffn_norm.weight", _ones(_WIDTH)
        yield f"blk.{block}.attn_q.weight", noise(_HEADS * _HEAD, _WIDTH)
        yield f"blk.{block}.attn_k.weight", noise(_KV_HEADS * _HEAD, _WIDTH)
        yield f"blk.{block}.attn_v.weight", noise(_KV_HEADS * _HEAD, _WIDTH)
        yield f"blk.{block}.attn_output.weight", noise(_WIDTH, _HEADS * _HEAD, scale=silent)
        yield f"blk.{block}.ffn_gate.weight", noise(_HIDDEN, _WIDTH)
        yield f"blk.{block}.ffn_up.weight", noise(_HIDDEN, _WIDTH)
        yield f"blk.{block}.ffn_down.weight", noise(_WIDTH, _HIDDEN, scale=silent)


def _projector_weights() -> Iterator[tuple[str, Weights]]:
    random = np.random.default_rng(_SEED)

    def noise(*shape: int) -> Weights:
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    yield "v.patch_embd.weight", noise(_EYE_WIDTH, 3, _PATCH, _PATCH)
    yield "v.pre_ln.weight", _ones(_EYE_WIDTH)
    yield "v.token_embd.img_break", noise(_WIDTH)
    for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
        yield f"v.blk.0.{name}.weight", noise(_EYE_WIDTH, _EYE_WIDTH)
    yield "v.blk.0.ln1.weight", _ones(_EYE_WIDTH)
    yield "v.blk.0.ln2.weight", _ones(_EYE_WIDTH)
    yield "v.blk.0.ffn_gate.weight", noise(_EYE_HIDDEN, _EYE_WIDTH)
    yield "v.blk.0.ffn_up.weight", noise(_EYE_HIDDEN, _EYE_WIDTH)
    yield "v.blk.0.ffn_down.weight", noise(_EYE_WIDTH, _EYE_HIDDEN)
    yield "mm.input_norm.weight", _ones(_EYE_WIDTH)
    yield "mm.patch_merger.weight", noise(_EYE_WIDTH, _EYE_WIDTH * _MERGE**2)
    yield "mm.1.weight", noise(_WIDTH, _EYE_WIDTH)
    yield "mm.2.weight", noise(_WIDTH, _WIDTH)


def _ones(width: int) -> NDArray[np.float32]:
    return np.ones(width, np.float32)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

"""Tokens as llama.cpp counts them for Mistral Small 3.1.

On its own, so that the program's count has something to differ from. The vocabulary is the one that mistral-common
ships, the pre-tokenizer llama.cpp's for `tekken`. Checked against recorded `prompt_eval_count`s and real llama.cpp.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mistral_common
import tiktoken
from PIL import Image, UnidentifiedImageError

_L, _N = (rf"[\p{{{kind}}}&&\p{{Age=15.1}}]" for kind in "LN")  # llama.cpp's tables end with Unicode 15.1
_WORD = rf"[^\r\n{_L}{_N}]?"
_SPLIT = rf"{_WORD}((?={_L})([^a-z]))*((?={_L})([^A-Z]))+|{_WORD}((?={_L})([^a-z]))+((?={_L})([^A-Z]))*|{_N}"
_SPLIT_OTHER = rf"| ?[^\s{_L}{_N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_RANKS = 130_072
_SPECIAL = 1000
_CONTROL = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]"),
    *("[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]"),
    *("[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
)
_STRETCHES = re.compile("(" + "|".join(map(re.escape, _CONTROL)) + r"|\[img-\d+\])")
_TAG = re.compile(r"\[img-(\d+)\]")

BOS = 1
TOOL_CALLS_ID = 9
IMAGE_PLACE = -1
"""Stands in a list of tokens for each place that a picture takes."""


class UntaggedImages(ValueError):
    """Pictures and `[img-N]` tags do not correspond."""


class UnreadableImage(ValueError):
    """Not a picture."""


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int

    @property
    def tokens(self) -> int:
        """Sides in steps of 28 pixels, scaled into 8 … 1024 cells; a token for each cell, and one for each row."""
        columns, rows = (max(1, math.floor(side / 28 + 0.5)) for side in (self.width, self.height))
        if columns * rows > 1024:
            shrink = math.sqrt(self.width * self.height / (1024 * 784))
            columns, rows = (max(1, math.floor(side / shrink / 28)) for side in (self.width, self.height))
        elif columns * rows < 8:  # recording 53: 56×56 pixels cost 12 tokens, not 6
            grow = math.sqrt(8 * 784 / (self.width * self.height))
            columns, rows = (math.ceil(side * grow / 28) for side in (self.width, self.height))
        return columns * rows + rows


def load() -> None:
    """Read the vocabulary now, rather than while a request waits for it."""
    _encoding()


def measure(data: bytes) -> Size:
    """Width and height of a picture. Raises UnreadableImage."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return Size(*image.size)
    except (UnidentifiedImageError, OSError) as error:
        raise UnreadableImage from error


def tokenize(prompt: str, images: Sequence[Size] = ()) -> list[int]:
    """The whole prompt, with the BOS that the engine adds. Raises UntaggedImages."""
    tags = [int(tag) for tag in _TAG.findall(prompt)] if images else []
    if sorted(tags) != list(range(len(images))):
        raise UntaggedImages
    tokens = [BOS]
    for stretch in filter(None, _STRETCHES.split(prompt)):
        tag = _TAG.fullmatch(stretch) if images else None
        if tag is not None:
            tokens += [IMAGE_PLACE] * images[int(tag[1])].tokens
        elif stretch in _CONTROL:
            tokens.append(_CONTROL.index(stretch))
        else:
            tokens += plain(stretch)
    return tokens


def plain(text: str) -> list[int]:
    """Text in which nothing is a control token."""
    return [_SPECIAL + rank for rank in _encoding().encode_ordinary(text)]


def split(text: str) -> list[tuple[int, str]]:
    """Text as the engine streams it, a token at a time; one that ends within a character shows as nothing yet."""
    words: list[tuple[int, str]] = []
    held = b""
    for rank in _encoding().encode_ordinary(text):
        held += _encoding().decode_single_token_bytes(rank)
        try:
            visible, held = held.decode(), b""
        except UnicodeDecodeError:
            visible = ""
        words.append((_SPECIAL + rank, visible))
    return words


@functools.cache
def _encoding() -> tiktoken.Encoding:
    source = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    vocabulary = json.loads(source.read_text(encoding="utf-8"))["vocab"]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in vocabulary[:_RANKS]}
    return tiktoken.Encoding(
        "tekken-as-llama.cpp", pat_str=_SPLIT + _SPLIT_OTHER, mergeable_ranks=ranks, special_tokens={}
    )

"""How others would count the very same rendered prompt. Real programs do worse: they do not even have it.

- `quarter`: four characters are a token, as most programs guess.
- `mistral_common`: Mistral's own library, with Mistral's pattern and Mistral's formula for pictures.
- `cl100k`: the encoding that programs count with which were written for another vendor's models; only where the
  package `bpe-openai` is installed, which carries it (tiktoken itself would download it).

All but Mistral's are lent what they cannot know: control tokens cost one, pictures what the engine says.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import mistral_common
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from PIL import Image as Pillow

from bot.inference.images import image_tokens
from bot.inference.tekken import CONTROL_TOKENS
from bot.talk.turn import Image

Count = Callable[[str, Sequence[Image]], int]
"""Tokens of a prompt as the engine takes it, with `[img-N]` where a picture goes; the opening token included."""

CHARACTERS_PER_TOKEN = 4

_CONTROL = re.compile("|".join(map(re.escape, CONTROL_TOKENS)))
_PICTURE = re.compile(r"\[img-[0-9]+\]")
_BREAKS = re.compile(f"{_CONTROL.pattern}|{_PICTURE.pattern}")


class _Encoding(Protocol):
    def encode_ordinary(self, text: str, /) -> Sequence[int]: ...


def rivals() -> Mapping[str, Count]:
    """Those that can be had here, by name."""
    found: dict[str, Count] = {"quarter": _quarter, "mistral_common": _mistral_common()}
    if find_spec("bpe_openai") is not None:
        encoding = cast("_Encoding", importlib.import_module("bpe_openai").get_encoding("cl100k_base"))
        found["cl100k"] = lambda text, images: (
            _by_stretches(text, lambda stretch: len(encoding.encode_ordinary(stretch))) + sum(map(image_tokens, images))
        )
    return found


def _quarter(text: str, images: Sequence[Image]) -> int:
    return (
        _by_stretches(text, lambda stretch: 0)
        + sum(map(image_tokens, images))
        + math.ceil(len(_BREAKS.sub("", text)) / CHARACTERS_PER_TOKEN)
    )


def _mistral_common() -> Count:
    tekken = Tekkenizer.from_file(Path(mistral_common.__file__).parent / "data" / "tekken_240911.json")
    encoder = ImageEncoder(
        ImageConfig(image_patch_size=14, max_image_size=1540, spatial_merge_size=2),
        SpecialImageIDs(img=10, img_break=12, img_end=13),
    )

    def picture(image: Image) -> int:
        canvas = Pillow.new("1", (image.width, image.height))
        columns, rows = encoder._image_to_num_tokens(canvas)  # pyright: ignore[reportPrivateUsage] else it would be scaled, too
        return columns * rows + rows

    def count(text: str, images: Sequence[Image]) -> int:
        words = _by_stretches(text, lambda stretch: len(tekken.encode(stretch, bos=False, eos=False)))
        return words + sum(map(picture, images))

    return count


def _by_stretches(text: str, count: Callable[[str], int]) -> int:
    controls = 1 + len(_CONTROL.findall(text))
    return controls + sum(count(stretch) for stretch in _BREAKS.split(text) if stretch)

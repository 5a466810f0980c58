"""What a picture costs in tokens, by the rule of llama.cpp's pixtral preprocessor (libmtmd, which Ollama runs)."""

from __future__ import annotations

import struct
from math import ceil, floor, sqrt

from bot.talk.turn import Image

PATCH = 28
"""Pixels of a side of what becomes one token: patches of 14, merged two by two."""

LEAST_PIXELS = 8 * PATCH * PATCH
MOST_PIXELS = 1024 * PATCH * PATCH
"""llama.cpp scales a picture into 8 … 1024 tokens."""


def scaled(width: int, height: int) -> tuple[int, int]:
    """The size in pixels that llama.cpp brings a picture to: sides are multiples of 28, the proportions about kept.

    Its `calc_size_preserved_ratio` reckons in single precision, which decides where a side comes out at about a whole
    number of cells: 9 × 8 pixels become four columns, not the three of exact arithmetic.
    """
    across, down = (max(PATCH, floor(side / PATCH + 0.5) * PATCH) for side in (width, height))
    if across * down > MOST_PIXELS:
        by = _single(sqrt(_single(_single(width * height) / MOST_PIXELS)))
        across, down = (max(PATCH, floor(_single(_single(side / by) / PATCH)) * PATCH) for side in (width, height))
    elif across * down < LEAST_PIXELS:
        by = _single(sqrt(_single(LEAST_PIXELS / _single(width * height))))
        across, down = (ceil(_single(_single(side * by) / PATCH)) * PATCH for side in (width, height))
    return across, down


def image_tokens(image: Image) -> int:
    """Tokens of a picture: its patches, a break after every row but the last, and an end."""
    across, down = scaled(image.width, image.height)
    columns, rows = across // PATCH, down // PATCH
    return columns * rows + rows


def _single(value: float) -> float:
    """Rounded as a C `float` holds it; after each step it gives what single precision would."""
    return struct.unpack("f", struct.pack("f", value))[0]

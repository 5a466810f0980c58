"""What a picture costs in tokens, by the rule of llama.cpp's pixtral preprocessor (libmtmd, which Ollama runs)."""

from __future__ import annotations

from math import ceil, floor, sqrt

from bot.talk.turn import Image

PATCH = 28
"""Pixels of a side of what becomes one token: patches of 14, merged two by two."""

LEAST_PIXELS = 8 * PATCH * PATCH
MOST_PIXELS = 1024 * PATCH * PATCH
"""llama.cpp scales a picture into 8 … 1024 tokens."""


def scaled(width: int, height: int) -> tuple[int, int]:
    """The size in pixels that llama.cpp brings a picture to: sides are multiples of 28, the proportions about kept."""
    across, down = (max(PATCH, floor(side / PATCH + 0.5) * PATCH) for side in (width, height))
    if across * down > MOST_PIXELS:
        by = sqrt(width * height / MOST_PIXELS)
        across, down = (max(PATCH, floor(side / by / PATCH) * PATCH) for side in (width, height))
    elif across * down < LEAST_PIXELS:
        by = sqrt(LEAST_PIXELS / (width * height))
        across, down = (ceil(side * by / PATCH) * PATCH for side in (width, height))
    return across, down


def image_tokens(image: Image) -> int:
    """Tokens of a picture: its patches, a break after every row but the last, and an end."""
    across, down = scaled(image.width, image.height)
    columns, rows = across // PATCH, down // PATCH
    return columns * rows + rows

"""The size at which every engine leaves a picture alone, so that its tokens can be counted beforehand.

llama.cpp (and so Ollama) rounds each side of a Pixtral picture to multiples of 28 pixels; over 1024 cells of 28 x 28 it
scales by the square root and floors, under 8 cells it scales up and rounds up (`clip.cpp`, `set_limit_image_tokens(8,
1024)`). vLLM and mistral-common scale the longest edge down to 1540 pixels. A picture made of whole cells within all of
these bounds is changed by none of them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

CELL = 28
MIN_CELLS = 8
MAX_CELLS = 1024
MAX_EDGE_CELLS = 55  # 1540 pixels
MAX_DISTORTION = 1.2  # beyond it the picture keeps its shape and gets margins


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Where a picture goes: the canvas, and the picture's own size in its middle; equal unless there are margins."""

    canvas: tuple[int, int]
    picture: tuple[int, int]


def engine_size(width: int, height: int) -> tuple[int, int]:
    """What llama.cpp makes of a picture of this size, in pixels."""
    columns, rows = (max(1, math.floor(side / CELL + 0.5)) for side in (width, height))
    if columns * rows > MAX_CELLS:
        shrink = math.sqrt(width * height / (MAX_CELLS * CELL**2))
        columns, rows = (max(1, math.floor(side / shrink / CELL)) for side in (width, height))
    elif columns * rows < MIN_CELLS:
        grow = math.sqrt(MIN_CELLS * CELL**2 / (width * height))
        columns, rows = (math.ceil(side * grow / CELL) for side in (width, height))
    return columns * CELL, rows * CELL


def fit(width: int, height: int) -> Fit:
    """The nearest size of whole cells, shape kept as near as possible; never larger than needed."""
    columns, rows = _cells(width, height)
    canvas = (columns * CELL, rows * CELL)
    stretch = (canvas[0] / canvas[1]) / (width / height)
    if 1 / MAX_DISTORTION <= stretch <= MAX_DISTORTION:
        return Fit(canvas=canvas, picture=canvas)
    scale = min(canvas[0] / width, canvas[1] / height)
    picture = (
        min(canvas[0], max(1, round(width * scale))),
        min(canvas[1], max(1, round(height * scale))),
    )
    return Fit(canvas=canvas, picture=picture)


def _cells(width: int, height: int) -> tuple[int, int]:
    area, edge = width * height / CELL**2, max(width, height) / CELL
    scale = 1.0
    if area < MIN_CELLS:
        scale = math.sqrt(MIN_CELLS / area)
    scale = min(scale, math.sqrt(MAX_CELLS / area), MAX_EDGE_CELLS / edge)
    wanted = (width * scale / CELL, height * scale / CELL)
    columns, rows = (_around(side) for side in wanted)
    fitting = [(c, r) for c, r in itertools.product(columns, rows) if MIN_CELLS <= c * r <= MAX_CELLS]
    return min(fitting, key=lambda cells: _distance(cells, wanted)) if fitting else _clamped(wanted)


def _around(side: float) -> set[int]:
    return {min(MAX_EDGE_CELLS, max(1, whole)) for whole in (math.floor(side), math.ceil(side))}


def _distance(cells: tuple[int, int], wanted: tuple[float, float]) -> float:
    across, down = (math.log(have / want) for have, want in zip(cells, wanted, strict=True))
    return abs(across - down) + (abs(across) + abs(down)) / 2  # a wrong shape weighs more than a wrong size


def _clamped(wanted: tuple[float, float]) -> tuple[int, int]:
    """For tiny pictures whose neighbours are all too small: as many cells as needed along the longer side."""
    columns, rows = (min(MAX_EDGE_CELLS, max(1, math.ceil(side))) for side in wanted)
    if columns >= rows:
        return max(columns, math.ceil(MIN_CELLS / rows)), rows
    return columns, max(rows, math.ceil(MIN_CELLS / columns))

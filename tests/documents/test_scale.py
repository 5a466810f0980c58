"""Pictures get a size that no engine changes."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.documents.scale import CELL, MAX_CELLS, MIN_CELLS, engine_size, fit

sides = st.integers(1, 20_000)


@given(sides, sides)
@example(1, 1)
@example(1, 20_000)
@example(41, 3000)
@example(30, 45)
def test_a_fitted_size_is_a_fixed_point_of_every_engines_formula(width: int, height: int) -> None:
    canvas = fit(width, height).canvas
    assert canvas[0] % CELL == canvas[1] % CELL == 0
    assert MIN_CELLS * CELL**2 <= canvas[0] * canvas[1] <= MAX_CELLS * CELL**2 == 802_816
    assert max(canvas) <= 1540
    assert engine_size(*canvas) == canvas
    assert fit(*canvas).canvas == fit(*canvas).picture == canvas


@given(sides, sides)
def test_the_shape_is_kept_within_a_fifth_and_within_a_pixel_where_margins_are_added(width: int, height: int) -> None:
    fitted = fit(width, height)
    across, down = fitted.picture
    assert 1 <= across <= fitted.canvas[0]
    assert 1 <= down <= fitted.canvas[1]
    if fitted.picture == fitted.canvas:
        assert abs(math.log((across / down) / (width / height))) <= math.log(1.2) + 1e-9
    else:
        assert abs(down - across * height / width) <= 1 or abs(across - down * width / height) <= 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((300, 200), (308, 196)),  # 11 x 7 cells
        ((1920, 1080), (1176, 672)),
        ((1024, 1024), (896, 896)),
        ((28, 28), (84, 84)),
    ],
)
def test_the_formula_is_the_one_that_was_seen_on_a_running_engine(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert engine_size(*size) == expected
    assert fit(*size).canvas == expected

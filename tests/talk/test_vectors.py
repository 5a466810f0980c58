"""Vectors keep their direction in a byte a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.talk.vectors import leaning, quantized

NUMBERS = st.lists(st.floats(-1, 1), min_size=8, max_size=8)


def alike(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


@given(NUMBERS)
def test_a_vector_points_where_its_numbers_did(numbers: list[float]):
    assume(math.hypot(*numbers) > 1e-3)
    kept = quantized(numbers).numbers()
    assert alike(kept, numbers) > 0.999
    assert math.hypot(*kept) == pytest.approx(1, abs=0.02)


@given(NUMBERS, NUMBERS)
def test_what_leans_is_nearer_to_the_other_and_still_nearest_to_itself(own: list[float], other: list[float]):
    assume(min(math.hypot(*own), math.hypot(*other)) > 1e-3)
    first, second = quantized(own), quantized(other)
    between = leaning(first, second, share=0.25).numbers()
    apart = alike(first.numbers(), second.numbers())
    assert alike(between, second.numbers()) >= apart - 0.02
    assert alike(between, first.numbers()) >= max(apart, 0.65) - 0.02

"""The functions that an expression may call, by name, with how many arguments each takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from tools.calculator import numbers
from tools.calculator.numbers import Number
from tools.calculator.quantities import Quantity, add, convert, kind, multiply, plain, raised
from tools.calculator.units import ANGLE, PI, known

MANY = 100
MOST_PLACES = 300


@dataclass(frozen=True, slots=True)
class Function:
    """`call` gets as many quantities as it takes."""

    call: Callable[[Sequence[Quantity]], Quantity]
    least: int = 1
    most: int = 1


def _of_numbers(function: Callable[..., Number], least: int = 1, most: int = 1) -> Function:
    """One that takes no units."""

    def call(given: Sequence[Quantity]) -> Quantity:
        for each in given:
            if each.units:
                raise ValueError(f"takes plain numbers, not {kind(each)}")
        return Quantity(function(*(each.number for each in given)))

    return Function(call, least, most)


def _of_values(function: Callable[[Fraction], Fraction | int]) -> Function:
    """One that leaves the units as they are."""

    def call(given: Sequence[Quantity]) -> Quantity:
        (only,) = given
        return replace(only, number=Number(Fraction(function(only.number.value)), only.number.exact))

    return Function(call)


def _of_list(function: Callable[[Sequence[Fraction]], Fraction]) -> Function:
    """One that takes quantities of one kind and gives another, in the units of the first."""

    def call(given: Sequence[Quantity]) -> Quantity:
        same = [convert(each, given[0].units) for each in given]
        value = Fraction(function([each.number.value for each in same]))
        return Quantity(Number(numbers.bounded(value), all(each.number.exact for each in same)), given[0].units)

    return Function(call, 1, MANY)


def _sum(given: Sequence[Quantity]) -> Quantity:
    total, *others = given
    for each in others:
        total = add(total, replace(each, percent=False), 1)
    return total


def _mean(given: Sequence[Quantity]) -> Quantity:
    return multiply(_sum(given), plain(Fraction(1, len(given))))


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _round(given: Sequence[Quantity]) -> Quantity:
    rounded, places = given[0], given[1].number.value if len(given) > 1 else Fraction(0)
    if places.denominator != 1 or abs(places) > MOST_PLACES:
        raise ValueError(f"rounds to a whole number of places, at most {MOST_PLACES}")
    # Halves go away from zero, as people expect; Python's own would take them to the even neighbour.
    scale = Fraction(10) ** places.numerator
    size = Fraction(math.floor(abs(rounded.number.value) * scale + Fraction(1, 2))) / scale
    value = size if rounded.number.value >= 0 else -size
    return replace(rounded, number=Number(numbers.bounded(value), rounded.number.exact))


def _square_root(given: Sequence[Quantity]) -> Quantity:
    return raised(given[0], plain(Fraction(1, 2)))


def _logarithm(number: Number, base: Number | None = None) -> Number:
    if base is None:
        raise ValueError("needs its base, log(x, base); or write ln, log10 or log2")
    return numbers.logarithm(number, base)


def _trigonometric(name: str) -> Function:
    def call(given: Sequence[Quantity]) -> Quantity:
        (angle,) = given
        if not angle.units:
            return Quantity(numbers.trigonometric(name, None, angle.number.value))
        if angle.dimensions != ANGLE:
            raise ValueError(f"takes an angle, not {kind(angle)}")
        if angle.number.exact and angle.units[0][0].exact:
            return Quantity(numbers.trigonometric(name, angle.base, Fraction(0)))
        return Quantity(numbers.trigonometric(name, None, angle.base * 2 * PI))

    return Function(call)


def _inverse(name: str) -> Function:
    plainly = _of_numbers(partial(numbers.inverse, name)).call
    return Function(lambda given: replace(plainly(given), units=((known()["rad"], 1),)))


def _whole(function: Callable[..., int]) -> Callable[..., Number]:
    def call(*given: Number) -> Number:
        if any(each.value.denominator != 1 for each in given):
            raise ValueError("takes whole numbers")
        return Number(numbers.bounded(Fraction(function(*(each.value.numerator for each in given)))))

    return call


def _remainder(left: Number, right: Number) -> Number:
    if right.value == 0:
        raise ValueError("division by zero")
    return Number(numbers.bounded(left.value % right.value), left.exact and right.exact)


FUNCTIONS: dict[str, Function] = {
    "abs": _of_values(abs),
    "acos": _inverse("acos"),
    "asin": _inverse("asin"),
    "atan": _inverse("atan"),
    "cbrt": _of_numbers(numbers.cube_root),
    "ceil": _of_values(math.ceil),
    "comb": _of_numbers(numbers.choices, 2, 2),
    "cos": _trigonometric("cos"),
    "exp": _of_numbers(numbers.exponential),
    "factorial": _of_numbers(numbers.factorial),
    "floor": _of_values(math.floor),
    "gcd": _of_numbers(_whole(math.gcd), 2, MANY),
    "lcm": _of_numbers(_whole(math.lcm), 2, 10),
    "ln": _of_numbers(numbers.natural_logarithm),
    "log": _of_numbers(_logarithm, 1, 2),
    "log10": _of_numbers(partial(numbers.logarithm, base=Number(Fraction(10)))),
    "log2": _of_numbers(partial(numbers.logarithm, base=Number(Fraction(2)))),
    "max": _of_list(max),
    "mean": Function(_mean, 1, MANY),
    "median": _of_list(_median),
    "min": _of_list(min),
    "mod": _of_numbers(_remainder, 2, 2),
    "round": Function(_round, 1, 2),
    "sin": _trigonometric("sin"),
    "sqrt": Function(_square_root),
    "sum": Function(_sum, 1, MANY),
    "tan": _trigonometric("tan"),
}

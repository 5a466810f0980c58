"""Numbers as fractions, each exact or known to be rounded, and the functions of plain numbers.

Every operation is bounded by the size of its result before it is carried out.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from tools.calculator.units import PI

MOST_BITS = 4096  # of a numerator or denominator
MOST_DIGITS = 1233  # the same in decimal digits
MOST_FACTORIAL = 500
MOST_ROOT = 64  # the highest root that is tried for being exact
PLACES = 30  # of what cannot be exact
TINY = 1e-15  # what floating point leaves of a zero
MOST_RADIANS = 1e9  # beyond, floating point knows no sine

_CONTEXT = Context(
    prec=PLACES,
    Emin=-3000,
    Emax=3000,
    traps=[decimal.Overflow, decimal.DivisionByZero, decimal.InvalidOperation],
)


@dataclass(frozen=True, slots=True)
class Number:
    """`exact` False: the value is rounded."""

    value: Fraction
    exact: bool = True


def bounded(value: Fraction) -> Fraction:
    """The same number. Raises ValueError where it is too large or too fine."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise ValueError(f"too large: numbers have at most {MOST_DIGITS} digits")
    return value


def too_large(magnitude: float) -> ValueError:
    """`magnitude`: its power of ten."""
    what = "large" if magnitude > 0 else "small"
    return ValueError(f"too {what}: about 10^{magnitude:.0f}; numbers have at most {MOST_DIGITS} digits")


def power(base: Number, exponent: Number) -> Number:
    """Raises ValueError where the result is no real number or too large."""
    value, times = base.value, exponent.value
    if value == 0 and times < 0:
        raise ValueError("division by zero")
    if times.denominator != 1 or not exponent.exact:
        return _root_power(base, exponent)
    if value in {0, 1, -1}:
        return Number(Fraction(1) if times % 2 == 0 and (value or not times) else value, base.exact)
    size = max(value.numerator.bit_length(), value.denominator.bit_length()) - 1
    if times.numerator.bit_length() > 64:
        raise ValueError(f"too large by far: numbers have at most {MOST_DIGITS} digits")
    if abs(times.numerator) * size > MOST_BITS:
        raise too_large(times.numerator * (math.log10(abs(value.numerator)) - math.log10(value.denominator)))
    return Number(bounded(Fraction(value**times.numerator)), base.exact)


def _root_power(base: Number, exponent: Number) -> Number:
    if base.value < 0:
        raise ValueError("a root of a negative number is not real (cbrt takes the cube root of one)")
    root = exponent.value.denominator
    if base.exact and exponent.exact and root <= MOST_ROOT:
        top, bottom = _root(base.value.numerator, root), _root(base.value.denominator, root)
        if top is not None and bottom is not None:
            return power(Number(Fraction(top, bottom)), Number(Fraction(exponent.value.numerator)))
    if base.value == 0:
        return Number(Fraction(0), base.exact and exponent.exact)
    return rounded_by(lambda: _CONTEXT.power(_decimal(base.value), _decimal(exponent.value)))


def _root(number: int, root: int) -> int | None:
    """The whole root of a whole number, where there is one."""
    if root == 2:
        found = math.isqrt(number)
        return found if found * found == number else None
    low, high = 0, 1 << (number.bit_length() // root + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**root <= number else (low, middle - 1)
    return low if low**root == number else None


def cube_root(number: Number) -> Number:
    third = Number(Fraction(1, 3))
    if number.value < 0:
        positive = power(Number(-number.value, number.exact), third)
        return Number(-positive.value, positive.exact)
    return power(number, third)


def logarithm(number: Number, base: Number) -> Number:
    """Exact where it is whole."""
    if number.value <= 0 or base.value <= 0 or base.value == 1:
        raise ValueError("a logarithm takes numbers above 0, and a base other than 1")
    about = rounded_by(lambda: _CONTEXT.divide(_ln(number.value), _ln(base.value)))
    whole = round(about.value)
    if number.exact and base.exact and abs(whole) <= MOST_BITS and abs(about.value - whole) < Fraction(1, 10**20):
        try:
            same = power(base, Number(Fraction(whole))).value == number.value
        except ValueError:
            same = False
        if same:
            return Number(Fraction(whole))
    return about


def natural_logarithm(number: Number) -> Number:
    if number.value <= 0:
        raise ValueError("a logarithm takes numbers above 0")
    return Number(Fraction(0), number.exact) if number.value == 1 else rounded_by(lambda: _ln(number.value))


def exponential(number: Number) -> Number:
    if number.value == 0:
        return Number(Fraction(1), number.exact)
    if abs(number.value) > 2900:
        raise too_large(float(number.value) / math.log(10)) if abs(number.value) < 10**15 else ValueError("too large")
    return rounded_by(lambda: _CONTEXT.exp(_decimal(number.value)))


def factorial(number: Number) -> Number:
    value = number.value
    if value.denominator != 1 or value < 0:
        raise ValueError("only whole numbers from 0 have a factorial")
    if value > 10**15:
        raise ValueError(f"too large by far: factorial takes numbers up to {MOST_FACTORIAL}")
    if value > MOST_FACTORIAL:
        raise too_large(math.lgamma(float(value) + 1) / math.log(10))
    return Number(Fraction(math.factorial(value.numerator)), number.exact)


def choices(of: Number, take: Number) -> Number:
    """In how many ways some of many can be taken."""
    if not (of.value.denominator == take.value.denominator == 1 and 0 <= take.value <= of.value <= 10_000):
        raise ValueError("takes two whole numbers, the larger first, of at most 10000")
    fewest = min(take.value, of.value - take.value)
    logs = [math.lgamma(float(each) + 1) for each in (of.value, fewest, of.value - fewest)]
    if (magnitude := (logs[0] - logs[1] - logs[2]) / math.log(10)) > MOST_DIGITS - 1:
        raise too_large(magnitude)
    return Number(bounded(Fraction(math.comb(of.value.numerator, take.value.numerator))))


def trigonometric(name: str, turns: Fraction | None, radians: Fraction) -> Number:
    """`turns`: the angle as a part of a whole turn, where it is known exactly."""
    if turns is not None:
        angle = math.tau * float(turns % 1)
    elif abs(radians) > MOST_RADIANS:
        raise ValueError(f"takes angles up to {MOST_RADIANS:.0e} radians")
    else:
        angle = float(radians)
    if name == "tan" and abs(math.cos(angle)) < TINY:
        raise ValueError("has no value there")
    found = {"sin": math.sin, "cos": math.cos, "tan": math.tan}[name](angle)
    if abs(found) < TINY < abs(angle):
        found = 0.0
    return Number(Fraction(found), exact=found == angle == 0)


def inverse(name: str, number: Number) -> Number:
    """In radians."""
    if name != "atan" and abs(number.value) > 1:
        raise ValueError("takes numbers from -1 to 1")
    functions: dict[str, Callable[[float], float]] = {"asin": math.asin, "acos": math.acos, "atan": math.atan}
    return Number(Fraction(functions[name](as_float(number.value))), exact=False)


def as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError("too large for this function") from None


def rounded_by(make: Callable[[], Decimal]) -> Number:
    """What a decimal computation gives. Raises ValueError where it gives no number, or none of a size that is kept."""
    try:
        found = make()
    except decimal.DecimalException:
        raise ValueError("too large, or no number at all") from None
    return Number(bounded(Fraction(found)), exact=False)


def _decimal(value: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _ln(value: Fraction) -> Decimal:
    # By its two halves where it is near 1, so that nothing is lost.
    near = abs(value - 1) < Fraction(1, 10)
    precise = Context(prec=PLACES * 3 if near else PLACES, Emin=-3000, Emax=3000)
    return precise.ln(precise.divide(Decimal(value.numerator), Decimal(value.denominator)))


CONSTANTS = {
    "pi": Number(PI, exact=False),
    "π": Number(PI, exact=False),
    "tau": Number(2 * PI, exact=False),
    "e": Number(Fraction("2.71828182845904523536028747135266249775724709369995957"), exact=False),
    "phi": Number(Fraction("1.61803398874989484820458683436563811772030917980576286"), exact=False),
}

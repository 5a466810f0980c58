"""Numbers with units. The units that were written are kept, and only converted where they must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tools.calculator.numbers import Number, bounded, power
from tools.calculator.units import KINDS, NONE, TEMPERATURE, Dimensions, Unit, known

MOST_POWER = 12  # of one unit

Units = tuple[tuple[Unit, int], ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """`percent`: it was written as a percentage, so adding it means adding so much of the other."""

    number: Number
    units: Units = ()
    percent: bool = False

    @property
    def dimensions(self) -> Dimensions:
        return dimensions_of(self.units)

    @property
    def absolute(self) -> bool:
        """A temperature on a scale whose zero is not the absolute one."""
        return any(unit.offset for unit, _ in self.units)

    @property
    def base(self) -> Fraction:
        """The number in SI units."""
        if self.absolute:
            unit = self.units[0][0]
            return self.number.value * unit.factor + unit.offset
        return bounded(self.number.value * _factor(self.units))


def plain(value: Fraction | int, *, exact: bool = True) -> Quantity:
    return Quantity(Number(Fraction(value), exact))


def dimensions_of(units: Units) -> Dimensions:
    return tuple(sum(unit.dimensions[at] * times for unit, times in units) for at in range(len(NONE)))


def kind(quantity: Quantity) -> str:
    """What it is, in words."""
    return KINDS.get(quantity.dimensions) or f"a number of {show_units(quantity.units)}"


def add(left: Quantity, right: Quantity, sign: int) -> Quantity:
    """Raises ValueError where they are of different kinds."""
    if right.percent and not left.percent:
        share = Number(1 + sign * right.number.value, right.number.exact)
        return replace(left, number=_times(left.number, share)) if not left.absolute else _no_scale()
    if left.dimensions != right.dimensions:
        word = "add" if sign > 0 else "subtract"
        raise ValueError(f"cannot {word} {kind(left)} and {kind(right)}")
    if left.absolute or right.absolute:
        return _on_a_scale(left, right, sign)
    other = convert(right, left.units).number
    value = bounded(left.number.value + sign * other.value)
    return Quantity(Number(value, left.number.exact and other.exact), left.units, left.percent and right.percent)


def _on_a_scale(left: Quantity, right: Quantity, sign: int) -> Quantity:
    kelvin: Units = ((known()["K"], 1),)
    exact = left.number.exact and right.number.exact
    if left.absolute and right.absolute and sign < 0:
        return Quantity(Number(bounded(left.base - right.base), exact), kelvin)
    if left.absolute and not right.absolute:
        value = left.number.value + sign * right.base / left.units[0][0].factor
        return Quantity(Number(bounded(value), exact), left.units)
    return _no_scale()


def _no_scale() -> Quantity:
    raise ValueError("°C and °F are points on a scale: add differences in K (20 °C + 5 K), or convert with `in`")


def multiply(left: Quantity, right: Quantity, sign: int = 1) -> Quantity:
    """`sign` -1 divides. Units of one dimension become those of the left."""
    if left.absolute or right.absolute:
        _no_scale()
    if sign < 0 and right.number.value == 0:
        raise ValueError("division by zero")
    number = _times(left.number, right.number if sign > 0 else Number(1 / right.number.value, right.number.exact))
    units = dict(left.units)
    for unit, times in right.units:
        mine = next((each for each in units if each.dimensions == unit.dimensions), unit)
        ratio = unit.factor / mine.factor
        if ratio != 1:
            number = _times(number, Number(ratio ** (times * sign), unit.exact and mine.exact))
        units[mine] = units.get(mine, 0) + times * sign
    kept = tuple((unit, times) for unit, times in units.items() if times)
    if any(abs(times) > MOST_POWER for _, times in kept):
        raise ValueError(f"units to a power above {MOST_POWER} are too much")
    if kept and dimensions_of(kept) == NONE:
        return Quantity(_times(number, Number(_factor(kept), all(unit.exact for unit, _ in kept))))
    return Quantity(number, kept)


def raised(base: Quantity, exponent: Quantity) -> Quantity:
    """Raises ValueError where the units would have no whole powers."""
    if exponent.units:
        raise ValueError("an exponent is a plain number")
    if not base.units:
        return Quantity(power(base.number, exponent.number))
    if base.absolute:
        _no_scale()
    times = exponent.number.value
    units: list[tuple[Unit, int]] = []
    for unit, before in base.units:
        after = before * times
        if after.denominator != 1 or abs(after) > MOST_POWER:
            raise ValueError(f"{show_units(base.units)} cannot be raised to the power {float(times):.6g}")
        if after:
            units.append((unit, after.numerator))
    return Quantity(power(base.number, exponent.number), tuple(units))


def negative(quantity: Quantity) -> Quantity:
    return replace(quantity, number=Number(-quantity.number.value, quantity.number.exact))


def convert(quantity: Quantity, units: Units) -> Quantity:
    """The same in other units. Raises ValueError where it is of another kind."""
    if quantity.units == units:
        return quantity
    wanted = dimensions_of(units)
    if quantity.dimensions != wanted:
        raise ValueError(
            f"{kind(quantity)} cannot be converted to {show_units(units) or 'a plain number'}, "
            f"which is {KINDS.get(wanted, 'something else')}"
        )
    exact = quantity.number.exact and all(unit.exact for unit, _ in (*quantity.units, *units))
    if wanted == TEMPERATURE and len(units) == 1:
        unit = units[0][0]
        return Quantity(Number(bounded((quantity.base - unit.offset) / unit.factor), exact), units)
    if any(unit.offset for unit, _ in units) or quantity.absolute:
        _no_scale()
    return Quantity(Number(bounded(quantity.base / _factor(units)), exact), units)


def split(quantity: Quantity, targets: Sequence[Units]) -> list[Quantity]:
    """As whole numbers of all but the last, which takes the rest: 5 ft and 7 in."""
    left, parts = quantity, list[Quantity]()
    for units in targets[:-1]:
        there = convert(left, units)
        if there.absolute:
            _no_scale()
        whole = Quantity(Number(Fraction(int(there.number.value)), there.number.exact), units)
        parts.append(whole)
        left = add(there, whole, -1)
    return [*parts, convert(left, targets[-1])]


def show_units(units: Units) -> str:
    above = "·".join(_with_power(unit.symbol, times) for unit, times in units if times > 0)
    below = "·".join(_with_power(unit.symbol, -times) for unit, times in units if times < 0)
    if not below:
        return above
    several = sum(times < 0 for _, times in units) > 1
    return f"{above or '1'}/({below})" if several else f"{above or '1'}/{below}"


def _with_power(symbol: str, times: int) -> str:
    return symbol if times == 1 else symbol + str(times).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _factor(units: Units) -> Fraction:
    product = Fraction(1)
    for unit, times in units:
        product *= unit.factor**times
    return bounded(product)


def _times(left: Number, right: Number) -> Number:
    return Number(bounded(left.value * right.value), left.exact and right.exact)

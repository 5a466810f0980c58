"""Reads a number with its units: 3.5 kg, 5 ft 3 in, 60 km/h, 2 square metres, 1/2 cup."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from tools.calculator.numbers import CONSTANTS, Number, bounded
from tools.calculator.quantities import Quantity, add, convert, multiply, plain, raised
from tools.calculator.reader import WORDS, Reader
from tools.calculator.tokens import Kind, Token
from tools.calculator.units import Unit, find, near

POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}


class Measured(Reader):
    """Knows units among the words."""

    def _measured(self, token: Token) -> Quantity:
        """A number and what is written to it: 3.5 kg, 5 ft 3 in, 2 m²."""
        value = Quantity(Number(self._explained(lambda: bounded(token.number), token)))
        if self._is_fraction():
            self._take()
            below = self._take()
            if below.number == 0:
                raise self._wrong("division by zero", below)
            value = Quantity(Number(self._explained(lambda: bounded(token.number / below.number), below)))
            self._note(f"{token.text}/{below.text} read as one number")
        place = self._now
        unit = self._compound() if self._starts_unit() else None
        if unit is None:
            if place.text == "(" or (place.kind in {Kind.NUMBER, Kind.DATE}):
                raise self._wrong("a sign is missing between two values; write * to multiply", place)
            if place.kind is Kind.NAME and place.text in CONSTANTS:
                self._take()
                return multiply(value, Quantity(CONSTANTS[place.text]))
            return value
        value = self._explained(lambda n=value.number: _of_unit(n, unit), place)
        while self._now.kind is Kind.NUMBER and self._ahead(1).kind is Kind.NAME:
            smaller = self._now
            more = self._measured_once()
            value = self._explained(partial(_together, value, more), smaller)
        return value

    def _measured_once(self) -> Quantity:
        number = self._take().number
        unit = self._unit()
        if unit is None:
            raise self._wrong(near(self._now.text))
        return _of_unit(Number(bounded(number)), unit)

    def _is_fraction(self) -> bool:
        """1/2 kg is half a kilogram, where 100 km / 2 h is a speed."""
        first = self._ahead(-2).text not in {"*", "/", "//", "%", "**"} or self._at < 2
        number = self._ahead(1).kind is Kind.NUMBER and not self._ahead(1).apart
        return first and self._now.text == "/" and not self._now.apart and number and self._starts_unit(2)

    def _starts_unit(self, by: int = 0) -> bool:
        """`in` after a number is the inch where nothing to convert to follows."""
        name, after = self._ahead(by), self._ahead(by + 1)
        if name.kind is not Kind.NAME:
            return False
        if name.text != "in":
            return name.text not in WORDS and name.text not in CONSTANTS
        return (after.kind is not Kind.NAME or after.text in WORDS) and after.text != "%"

    def _unit(self) -> Quantity | None:
        """One of a unit and its power: m, km2, square feet, s**-1; None where none stands."""
        begun, prefix = self._at, POWERS.get(self._now.text.lower(), 1)
        if prefix > 1:
            self._take()
        name = self._now.text
        unit = self._two_words() or find(name)
        power = prefix
        if unit is None and name[-1:] in {"2", "3"}:
            unit, power = find(name[:-1]), int(name[-1])
        if unit is None or self._now.kind is not Kind.NAME:
            self._at = begun
            return None
        place = self._take()
        if unit.note:
            self._note(unit.note)
        if self._took("**"):
            sign = -1 if self._took("-") else 1
            power *= sign * self._whole_number()
        one = Quantity(Number(Fraction(1)), ((unit, 1),))
        return one if power == 1 else self._explained(lambda: raised(one, plain(power)), place)

    def _compound(self) -> Quantity | None:
        """A unit with what is written to it without a space, like km/h; or with `per`."""
        unit = self._unit()
        while unit is not None and self._joins_units():
            begun, sign = self._at, 1 if self._take().text == "*" else -1
            more = self._unit()
            if more is None:
                self._at = begun
                break
            unit = self._explained(lambda u=unit, m=more, s=sign: multiply(u, m, s), self._ahead(-1))
        return unit

    def _joins_units(self) -> bool:
        after = self._ahead(1)
        close = self._now.text in {"/", "*"} and not self._now.apart and not after.apart
        return (close or self._now.text == "per") and after.kind is Kind.NAME

    def _two_words(self) -> Unit | None:
        if self._ahead(1).kind is not Kind.NAME:
            return None
        unit = find(f"{self._now.text} {self._ahead(1).text}")
        self._at += unit is not None
        return unit

    def _whole_number(self) -> int:
        token = self._take()
        if token.kind is not Kind.NUMBER or token.number.denominator != 1 or abs(token.number) > 100:
            raise self._wrong("the power of a unit is a small whole number", token)
        return token.number.numerator


def _together(value: Quantity, smaller: Quantity) -> Quantity:
    return add(convert(value, smaller.units), smaller, 1)


def _of_unit(number: Number, unit: Quantity) -> Quantity:
    """So much of it; `unit` is 1 of it, or more where units of one dimension were joined."""
    factor = unit.number
    return Quantity(Number(bounded(number.value * factor.value), number.exact and factor.exact), unit.units)

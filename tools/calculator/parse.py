"""Reads an expression and calculates it as it goes. What it cannot read it explains, with the place.

From loose to tight: `in` · + - · * / // % of · signs · ** · % ! · a number with its units. A number and a unit belong
together: 100 km / 2 h is 50 km/h.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from tools.calculator import dates
from tools.calculator.functions import FUNCTIONS
from tools.calculator.measured import Measured
from tools.calculator.numbers import CONSTANTS, Number, bounded, factorial
from tools.calculator.quantities import Quantity, Units, add, convert, multiply, negative, plain, raised, split
from tools.calculator.reader import INTO, WORDS
from tools.calculator.tokens import Kind, Token, tokens
from tools.calculator.units import known, near

MOST_LEVELS = 30  # of parentheses, functions and powers in each other

BASES = {"hex": "#x", "hexadecimal": "#x", "binary": "#b", "bin": "#b", "octal": "#o", "oct": "#o"}
ALLOWED = (
    "numbers, + - * / // % ** ( ), units like km/h, dates like 2026-11-28, `in` to convert, and the functions "
    + ", ".join(FUNCTIONS)
)

Value = Quantity | date


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expression comes to: values (several for feet and inches) or words, with notes on how it was read."""

    values: tuple[Value, ...] = ()
    words: str = ""
    notes: tuple[str, ...] = ()


def evaluate(expression: str, *, today: date) -> Answer:
    """Raises ValueError, in words for the model, for all that has no answer."""
    found = tokens(expression)
    if len(found) == 1:
        raise ValueError(f"nothing to calculate; allowed are {ALLOWED}")
    return _Parser(found, today).whole()


class _Parser(Measured):
    def __init__(self, found: list[Token], today: date) -> None:
        super().__init__(found)
        self._level = 0
        self._today = today

    # The whole

    def whole(self) -> Answer:
        words = self._span() or self._weekday()
        values = () if words else self._converted()
        if isinstance(values, str):
            words, values = values, ()
        if self._now.kind is not Kind.END:
            raise self._wrong(self._unexpected())
        return Answer(values, words, tuple(self._notes))

    def _span(self) -> str:
        """`days between A and B`, `weeks from A to B`, `months until A`, `years since A`."""
        span, word = self._now.text.lower(), self._ahead(1).text
        if span not in dates.SPANS or word not in {"between", "from", "until", "since"}:
            return ""
        self._at += 2
        first = self._day()
        if word in {"until", "since"}:
            ends = (self._today, first) if word == "until" else (first, self._today)
            self._note(f"today is {self._today}")
        else:
            self._expect("and" if word == "between" else "to")
            ends = (first, self._day())
        return dates.between(*ends, span)

    def _weekday(self) -> str:
        if self._now.text not in {"weekday", "week"} or self._ahead(1).text != "of":
            return ""
        wanted = self._now.text
        self._at += 2
        day = self._day()
        return f"{day:%A}" if wanted == "weekday" else f"week {day.isocalendar().week} of {day.isocalendar().year}"

    def _day(self) -> date:
        place = self._now
        day = self._sum()
        if not isinstance(day, date):
            raise self._wrong("a date is needed there, like 2026-11-28 or today", place)
        return day

    def _converted(self) -> tuple[Value, ...] | str:
        value = self._sum()
        if self._now.text not in INTO:
            return (value,)
        place = self._take()
        if isinstance(value, date):
            raise self._wrong("a date cannot be converted", place)
        if self._now.text in BASES:
            return self._in_base(value)
        if self._now.text in {"%", "percent"}:
            self._take()
            return (Quantity(convert(value, ()).number, percent=True),)
        targets = [self._target()]
        while self._now.text == "and":
            self._take()
            targets.append(self._target())
        return tuple(self._explained(lambda: split(value, targets), place))

    def _in_base(self, value: Quantity) -> str:
        place = self._take()
        if value.units or value.number.value.denominator != 1:
            raise self._wrong("only whole numbers have digits in another base", place)
        return format(value.number.value.numerator, BASES[place.text])

    def _target(self) -> Units:
        """The units after `in`."""
        wanted = self._unit_of_target()
        while self._now.text in {"*", "/", "per"}:
            sign = 1 if self._take().text == "*" else -1
            wanted = multiply(wanted, self._unit_of_target(), sign)
        if wanted.number.value != 1:  # two units of one dimension: no unit is left that could be shown
            raise self._wrong("write the unit to convert to with one unit for each dimension", self._ahead(-1))
        return wanted.units

    def _unit_of_target(self) -> Quantity:
        unit = self._unit() if self._now.kind is Kind.NAME else None
        if unit is None:
            raise self._wrong("a unit is needed there" if self._now.kind is not Kind.NAME else near(self._now.text))
        return unit

    # Operators, from loose to tight

    def _sum(self) -> Value:
        self._level += 1
        if self._level > MOST_LEVELS:
            raise self._wrong(f"nested too deeply: at most {MOST_LEVELS} levels")
        left = self._product()
        while self._now.text in {"+", "-"} and self._now.kind is Kind.OPERATOR:
            sign = self._take()
            right = self._product()
            left = self._explained(partial(self._added, left, right, 1 if sign.text == "+" else -1), sign)
        self._level -= 1
        return left

    def _added(self, left: Value, right: Value, sign: int) -> Value:
        if isinstance(left, date):
            if isinstance(right, date):
                if sign > 0:
                    raise ValueError("two dates cannot be added; subtract them, or add days")
                days = dates.difference(left, right)
                self._note(dates.in_weeks(days))
                return days
            day, note = dates.shift(left, right, sign)
            for name in ("months", "years"):
                self._notes.pop(known()[name].note, None)  # those of the calendar have no mean length
            self._note(note)
            return day
        if isinstance(right, date):
            if sign < 0:
                raise ValueError("a date cannot be subtracted from a number")
            return self._added(right, left, sign)
        if right.percent and not left.percent:
            word = "added" if sign > 0 else "taken off"
            self._note(f"{float(right.number.value * 100):.6g}% of what stands before it {word}")
        return add(left, right, sign)

    def _product(self) -> Value:
        left = self._signed()
        while self._now.text in {"*", "/", "//", "%", "per", "of", "off", "mod"}:
            sign = self._take()
            right = self._signed()
            left = self._explained(partial(self._multiplied, left, right, sign.text), sign)
        return left

    def _multiplied(self, left: Value, right: Value, sign: str) -> Quantity:
        if isinstance(left, date) or isinstance(right, date):
            raise ValueError("dates can only be subtracted, or have days added to them")
        if sign in {"of", "off"}:
            if not left.percent:
                raise ValueError(f"before `{sign}` stands a percentage, like 15%")
            share = left.number.value if sign == "of" else 1 - left.number.value
            return multiply(right, Quantity(Number(share, left.number.exact)))
        if sign in {"//", "%", "mod"}:
            other = convert(right, left.units)
            if other.number.value == 0:
                raise ValueError("division by zero")
            exact = left.number.exact and other.number.exact
            if sign == "//":
                return Quantity(Number(bounded(Fraction(left.number.value // other.number.value)), exact))
            return Quantity(Number(bounded(left.number.value % other.number.value), exact), left.units)
        return multiply(left, right, 1 if sign == "*" else -1)

    def _signed(self) -> Value:
        sign = 1
        while self._now.text in {"+", "-"} and self._now.kind is Kind.OPERATOR:
            sign *= 1 if self._take().text == "+" else -1
        value = self._powered()
        return value if sign > 0 else self._explained(lambda: negative(self._quantity(value)), self._ahead(-1))

    def _powered(self) -> Value:
        base = self._postfixed()
        if self._now.text != "**":
            return base
        sign = self._take()
        self._level += 1
        if self._level > MOST_LEVELS:
            raise self._wrong(f"nested too deeply: at most {MOST_LEVELS} levels")
        exponent = self._signed()
        self._level -= 1
        return self._explained(lambda: raised(self._quantity(base), self._quantity(exponent)), sign)

    def _postfixed(self) -> Value:
        value = self._primary()
        while self._now.text == "!" or (self._now.text == "%" and self._is_percent()):
            sign = self._take()
            number = self._quantity(value)
            if number.units:
                raise self._wrong(f"{sign.text} stands after a plain number", sign)
            if sign.text == "!":
                value = Quantity(self._explained(lambda n=number: factorial(n.number), sign))
            else:
                value = Quantity(Number(number.number.value / 100, number.number.exact), percent=True)
        return value

    def _is_percent(self) -> bool:
        """Or else the remainder of a division, where an operand follows."""
        after = self._ahead(1)
        if after.text in {"+", "-"} and after.kind is Kind.OPERATOR and self._now.apart:
            raise self._wrong("write % next to its number for a percentage, or mod(a, b) for a remainder")
        operand = after.kind in {Kind.NUMBER, Kind.DATE} or after.text in {"(", "√"}
        return not operand and not (after.kind is Kind.NAME and after.text not in WORDS)

    # What stands for a value

    def _primary(self) -> Value:
        token = self._take()
        if token.kind is Kind.NUMBER:
            return self._measured(token)
        if token.kind is Kind.DATE:
            return self._explained(lambda: dates.read(token.text), token)
        if token.text == "(":
            values = self._converted()
            self._expect(")")
            if isinstance(values, str) or len(values) != 1:
                raise self._wrong("that cannot be calculated with", token)
            return values[0]
        if token.text == "√":
            under = self._primary()
            return self._explained(lambda: raised(self._quantity(under), plain(Fraction(1, 2))), token)
        if token.kind is Kind.NAME:
            return self._named(token)
        raise self._wrong(
            "something is missing at the end" if token.kind is Kind.END else self._unexpected(token), token
        )

    def _named(self, token: Token) -> Value:
        name = token.text
        if name.lower() in FUNCTIONS and self._now.text == "(":
            return self._called(name.lower(), token)
        if name in CONSTANTS:
            return Quantity(CONSTANTS[name])
        if name in {"today", "tomorrow", "yesterday"}:
            self._note(f"today is {self._today}")
            return self._today + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(name, 0))
        self._at -= 1
        if name not in WORDS and (unit := self._unit()) is not None:
            return unit
        if name.lower() in FUNCTIONS:
            raise self._wrong(f"{name} takes its arguments in parentheses: {name}(…)", token)
        if self._ahead(1).text == "(":
            raise self._wrong(f"there is no function {name!r}; allowed are {', '.join(FUNCTIONS)}", token)
        raise self._wrong(self._unexpected(token), token)

    def _called(self, name: str, token: Token) -> Quantity:
        self._take()
        given: list[Quantity] = []
        while self._now.text != ")":
            given.append(self._quantity(self._sum()))
            if self._now.text not in {",", ";"}:
                break
            self._take()
        self._expect(")")
        function = FUNCTIONS[name]
        if not function.least <= len(given) <= function.most:
            least, most = function.least, function.most
            raise self._wrong(f"{name} takes {least if least == most else f'{least} to {most}'} arguments", token)
        return self._explained(lambda: function.call(given), token, name)

    def _quantity(self, value: Value) -> Quantity:
        if isinstance(value, date):
            raise self._wrong("a date cannot stand there", self._ahead(-1))
        return value

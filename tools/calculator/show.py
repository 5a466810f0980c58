"""How an answer is told: in full where that is short, rounded and marked as rounded where it is not."""

from __future__ import annotations

import decimal
from datetime import date
from decimal import Context, Decimal

from tools.calculator.numbers import Number
from tools.calculator.parse import Answer, Value
from tools.calculator.quantities import show_units

EXACT_DIGITS = 30  # an exact decimal is shown in full up to so many
ROUNDED_DIGITS = 15
PLAIN_ZEROS = 21  # from so many places before or after the point on, powers of ten are shorter
MOST_FRACTION = 10_000  # up to which a fraction is told as one


def tell(answer: Answer) -> str:
    """The answer with `=`, or `≈` where it is rounded, and its notes."""
    if answer.words:
        text, exact, notes = answer.words, True, answer.notes
    else:
        shown = [_value(value) for value in answer.values]
        text = " and ".join(each for each, _, _ in shown)
        exact = all(each for _, each, _ in shown)
        notes = (*(note for _, _, note in shown if note), *answer.notes)
    return f"{'=' if exact else '≈'} {text}" + (f" ({'; '.join(notes)})" if notes else "")


def _value(value: Value) -> tuple[str, bool, str]:
    """As text, whether that is exact, and a note."""
    if isinstance(value, date):
        return f"{value}", True, f"{value:%A}"
    if value.percent:
        text, exact, _ = _number(Number(value.number.value * 100, value.number.exact))
        return f"{text}%", exact, ""
    text, exact, note = _number(value.number)
    units = show_units(value.units)
    return f"{text}{'' if units == '°' else ' '}{units}".strip(), exact, note


def _number(number: Number) -> tuple[str, bool, str]:
    value = number.value
    if number.exact and value.denominator == 1:
        return str(value.numerator), True, ""
    context = Context(prec=EXACT_DIGITS if number.exact else ROUNDED_DIGITS, Emin=-5000, Emax=5000)
    found = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    if number.exact and not context.flags[decimal.Inexact]:
        return _decimal(found), True, ""
    rounded = Context(prec=ROUNDED_DIGITS, Emin=-5000, Emax=5000).plus(found)
    small = number.exact and abs(value.numerator) <= MOST_FRACTION and value.denominator <= MOST_FRACTION
    return _decimal(rounded), False, f"exactly {value}" if small else ""


def _decimal(number: Decimal) -> str:
    if number == 0:
        return "0"
    number = number.normalize(Context(prec=EXACT_DIGITS, Emin=-5000, Emax=5000))
    return format(number, "f") if -PLAIN_ZEROS < number.adjusted() < PLAIN_ZEROS else str(number)

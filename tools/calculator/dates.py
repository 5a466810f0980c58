"""Days of the calendar: adding to them, and what lies between two."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from tools.calculator.quantities import Quantity, kind, plain
from tools.calculator.units import TIME, known

DAY_SECONDS = 86400
MOST_DAYS = 3_700_000  # from the year 1 to the year 9999
SPANS = frozenset({"days", "day", "weeks", "week", "months", "month", "years", "year"})
_BEYOND = "the calendar goes from the year 1 to the year 9999"


def read(text: str) -> date:
    """YYYY-MM-DD. Raises ValueError with what is wrong."""
    year, month, day = (int(part) for part in text.split("-"))
    if year < 1:
        raise ValueError(_BEYOND)
    if not 1 <= month <= 12:
        raise ValueError(f"{text} is no date: months go from 01 to 12, and dates are written YYYY-MM-DD")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(f"{text} is no date: {year:04}-{month:02} has {last} days")
    return date(year, month, day)


def shift(start: date, by: Quantity, sign: int) -> tuple[date, str]:
    """The day so much later, and a note where the month was too short. Whole days, weeks, months or years."""
    if by.dimensions != TIME or len(by.units) != 1:
        raise ValueError(f"to a date, add days, weeks, months or years, not {kind(by)}")
    (unit, _), amount = by.units[0], sign * by.number.value
    months = {"months": 1, "years": 12}.get(unit.symbol)
    if months is not None and (amount * months).denominator == 1:
        return _months_later(start, (amount * months).numerator)
    days = amount * unit.factor / DAY_SECONDS
    if months is not None or days.denominator != 1:
        raise ValueError("to a date, add a whole number of days, weeks, months or years, one kind after the other")
    if abs(days) > MOST_DAYS:
        raise ValueError(_BEYOND)
    try:
        return start + timedelta(days=days.numerator), ""
    except OverflowError:
        raise ValueError(_BEYOND) from None


def _months_later(start: date, months: int) -> tuple[date, str]:
    if abs(months) > MOST_DAYS:
        raise ValueError(_BEYOND)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(_BEYOND)
    last = monthrange(year, month + 1)[1]
    note = f"{year:04}-{month + 1:02} has only {last} days" if start.day > last else ""
    return date(year, month + 1, min(start.day, last)), note


def difference(later: date, earlier: date) -> Quantity:
    return Quantity(plain((later - earlier).days).number, ((known()["days"], 1),))


def between(first: date, second: date, span: str) -> str:
    """In whole months or years and what is left, or in weeks and days."""
    sign, (start, end) = ("-", (second, first)) if second < first else ("", (first, second))
    days = (end - start).days
    if span.startswith("day"):
        return f"{sign}{_some(days, 'day')}"
    if span.startswith("week"):
        parts = [(days // 7, "week"), (days % 7, "day")]
    else:
        months = (end.year - start.year) * 12 + end.month - start.month
        if _months_later(start, months)[0] > end:
            months -= 1
        rest = (end - _months_later(start, months)[0]).days
        whole = [(months, "month")] if span.startswith("month") else [(months // 12, "year"), (months % 12, "month")]
        parts = [*whole, (rest, "day")]
    told = [_some(number, name) for number, name in parts if number] or [f"0 {span}"]
    return sign + (" and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0])


def in_weeks(quantity: Quantity) -> str:
    """A note for a number of days that is more than two weeks."""
    days = quantity.number.value
    if days.denominator != 1 or abs(days) < 14:
        return ""
    weeks, rest = divmod(abs(days.numerator), 7)
    return f"{weeks} weeks" + (f" and {_some(rest, 'day')}" if rest else "")


def _some(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"

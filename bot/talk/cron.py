"""Cron lines: minute, hour, day of the month, month, day of the week. Pure, and as strict as `when`."""

from __future__ import annotations

import calendar
import re
from datetime import date, time, timedelta
from itertools import pairwise

from bot.talk.recurrence import EVERY_DAY, Cron
from bot.talk.refusal import Refused, Why
from bot.talk.when import DAYS, MONTHS

FORMS = "minute hour day month weekday, e.g. `30 9 * * 1-5`"
LONGEST = 100
"""Characters."""
LEAST_MINUTES = 15
"""Between two moments of one line."""

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(?:(?P<all>\*)|(?P<low>[a-z0-9]{1,3})(?:-(?P<high>[a-z0-9]{1,3}))?)(?:/(?P<step>[0-9]{1,3}))?")
_NAMES = {
    "month": {name[:3]: number for number, name in enumerate(MONTHS, 1)},
    "weekday": {name[:3]: number % 7 for number, name in enumerate(DAYS, 1)},
}
_LEAP_YEAR = 2028
"""One that has all days of the calendar."""


def is_cron(text: str) -> bool:
    """Whether somebody meant a cron line: it begins as one does."""
    return text.startswith("@") or re.match(r"[*0-9,/-]+\s+[*0-9,/-]+\s+\S", text) is not None


def cron(text: str) -> Cron:
    """Raises Refused that says what would be right: also for a line that never comes, or comes too often."""
    words = _SHORT.get(text.strip().casefold(), text.casefold()).split()
    if len(text) > LONGEST or len(words) != len(_FIELDS):
        raise Refused(f"a cron line has five fields: {FORMS}", Why.FORM)
    minutes, hours, days, months, weekdays = (
        _field(word, name, low, high) for word, (name, low, high) in zip(words, _FIELDS, strict=True)
    )
    named = frozenset((day - 1) % 7 for day in weekdays)  # Sunday is 0 and 7
    # As cron has it: where both kinds of days are named, either will do.
    either = not words[2].startswith("*") and not words[4].startswith("*")
    found = Cron(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        months=months,
        days=days,
        weekdays=named,
        either=either,
    )
    if not either and not any(_exists(day, month) for day in days for month in months):
        raise Refused("that never comes: none of these months has such a day", Why.NEVER)
    if _least_minutes(found) < LEAST_MINUTES:
        raise Refused(f"that comes too often: at most every {LEAST_MINUTES} minutes", Why.OFTEN)
    return found


def _field(word: str, name: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise Refused(f"{part!r} is no {name} of a cron line: {FORMS}", Why.FORM)
        first, last = (low, high) if match["all"] else _span(match, name, high)
        step = int(match["step"] or 1)
        if not (low <= first <= last <= high and step):
            raise Refused(
                f"{part!r} is no {name} of a cron line: from {low} to {high}", Why.RANGE, part=part, low=low, high=high
            )
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _span(match: re.Match[str], name: str, high: int) -> tuple[int, int]:
    first = _number(match["low"], name)
    if match["high"]:
        last = _number(match["high"], name)
        # `fri-sun`: a week may end with Sunday.
        return first, 7 if name == "weekday" and last == 0 and first > 0 else last
    return first, high if match["step"] else first


def _number(word: str, name: str) -> int:
    if word.isdecimal():
        return int(word)
    number = _NAMES.get(name, {}).get(word)
    if number is None:
        raise Refused(f"{word!r} is no {name} of a cron line: {FORMS}", Why.FORM)
    return number


def _exists(day: int, month: int) -> bool:
    return day <= calendar.monthrange(_LEAP_YEAR, month)[1]


def _least_minutes(found: Cron) -> int:
    """Between two moments, by the clocks on the wall."""
    clocks = [at.hour * 60 + at.minute for at in found.times]
    gaps = [later - earlier for earlier, later in pairwise(clocks)]
    if _two_in_a_row(found):
        gaps.append(clocks[0] + 24 * 60 - clocks[-1])
    return min(gaps, default=24 * 60)


def _two_in_a_row(found: Cron) -> bool:
    """Whether it ever comes on two days one after the other. The calendar repeats its weekdays after 28 years."""
    if found.weekdays == EVERY_DAY and not found.either:
        return _any_pair(found, _LEAP_YEAR, 1)
    return _any_pair(found, _LEAP_YEAR, 28)


def _any_pair(found: Cron, year: int, years: int) -> bool:
    first = date(year, 1, 1)
    comes = (found.on(first + timedelta(days=number)) for number in range(years * 366))
    return any(today and tomorrow for today, tomorrow in pairwise(comes))

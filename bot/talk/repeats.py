"""How often something comes again, as people and models write it, in English. Pure, and as strict as `when`."""

from __future__ import annotations

import re
from datetime import datetime, time

from bot.talk.recurrence import EVERY_DAY, WEEKDAYS, Every, EveryDays, Monthly, Once, OnDays, Recurrence
from bot.talk.refusal import Refused, Why
from bot.talk.when import weekday

FORMS = (
    "daily, weekdays, weekly, weekly on Monday and Thursday, monthly, monthly on 15, every 6 hours, every 3 days or "
    "every 2 weeks; empty: once"
)
LONGEST = 100
"""Characters."""
MOST = {"hour": 24 * 31, "day": 366, "week": 52}
"""The longest that something may stay away, by unit."""

_ONCE = frozenset({"", "once", "never", "no", "none"})
_SHORT = {"hourly": "every hour", "daily": "every day", "weekly": "every week", "monthly": "every month"}
_WEEKDAYS = frozenset({"weekday", "weekdays", "every weekday", "workdays", "every workday"})
_EVERY = re.compile(r"every (?:(?P<number>[0-9]{1,4}) )?(?P<unit>hour|day|week)s?")
_MONTHLY = re.compile(
    r"(?:monthly|every month)(?: on (?:the )?(?:day )?(?P<day>last|[0-9]{1,2})(?:st|nd|rd|th)?(?: day)?)?"
)
_NAMED = re.compile(r"(?:weekly on |every week on |every |on )?(?P<days>.+)")


def recurrence(text: str, first: datetime) -> Recurrence:
    """What comes at the time of day of `first`, which is aware and in the zone that is meant, and never before it.

    Raises Refused that says what would be right.
    """
    words = " ".join(text.casefold().split())
    words = _SHORT.get(words, words)
    if len(text) > LONGEST:
        raise _unknown(text)
    if words in _ONCE:
        return Once(at=first)
    if match := _EVERY.fullmatch(words):
        return _every(match["unit"], int(match["number"] or 1), first)
    if match := _MONTHLY.fullmatch(words):
        return _monthly(match["day"], first)
    return OnDays(at=_clock(first), days=_days(words, text))


def _every(unit: str, number: int, first: datetime) -> Recurrence:
    if not 1 <= number <= MOST[unit]:
        raise Refused(f"every 1 to {MOST[unit]} {unit}s", Why.RANGE, part=str(number), low=1, high=MOST[unit])
    if unit == "hour":
        return Every(minutes=60 * number, since=first)
    if number == 1:
        return OnDays(at=_clock(first), days=EVERY_DAY if unit == "day" else frozenset({first.weekday()}))
    return EveryDays(at=_clock(first), days=number * (7 if unit == "week" else 1), since=first.date())


def _monthly(named: str | None, first: datetime) -> Monthly:
    day = 31 if named == "last" else int(named or first.day)
    if not 1 <= day <= 31:
        raise Refused("a month has days from 1 to 31", Why.RANGE, part=str(day), low=1, high=31)
    return Monthly(at=_clock(first), day=day)


def _days(words: str, text: str) -> frozenset[int]:
    if words in _WEEKDAYS:
        return WEEKDAYS
    match = _NAMED.fullmatch(words)
    names = re.split(r"\s*(?:,|\band\b|&)\s*", match["days"]) if match else ()
    days = [weekday(each.removesuffix("s") if len(each) > 4 else each) for each in names if each]
    if not days or None in days:
        raise _unknown(text)
    return frozenset(day for day in days if day is not None)


def _clock(first: datetime) -> time:
    return first.time().replace(microsecond=0, fold=0)


def _unknown(text: str) -> Refused:
    return Refused(f"{text[:LONGEST]!r} is no repetition that I can read; write it like {FORMS}", Why.FORM)

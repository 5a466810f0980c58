"""Stretches of time as people name them: a day, a week, a moment, a while ago."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.talk.when import DAYS

FORMS = "write it like 2026-11-28, 2026-11-28 18:00, yesterday, last week, this month, monday or 3 days ago"

_AGO = re.compile(r"(?:(?P<many>\d{1,5})|an?|one)\s*(?P<unit>minute|min|hour|h|day|d|week|w|month|year|y)s?\s*(?:ago)?")
_UNITS = {
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "w": timedelta(weeks=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "year": 12, "y": 12}
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)


def span(words: str, *, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Its first moment and its end, which is no part of it, in UTC; both are the same for a moment.

    Raises ValueError with the forms that there are.
    """
    said = " ".join(words.casefold().split())
    today = now.astimezone(zone).date()
    try:
        if said in ("now", "just now"):
            return now, now
        if _MOMENT.fullmatch(said):
            # Python 3.11 reads one digit of an hour only with a zero before it.
            moment = datetime.fromisoformat(re.sub(r"[ t](\d):", r" 0\1:", said).upper())
            at = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
            return at, at
        first, end = _dates(said, today) or (None, None)
        if first is not None and end is not None:
            return _midnight(first, zone), _midnight(end, zone)
        if match := _AGO.fullmatch(said):
            return _ago(match, now, zone)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{words!r} is no time; {FORMS}")


def _dates(said: str, today: date) -> tuple[date, date] | None:
    """Whole days: the first, and the first that is no part of it."""
    day = timedelta(days=1)
    monday = today - today.weekday() * day
    month = today.replace(day=1)
    known = {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "day before yesterday": (today - 2 * day, today - day),
        "this week": (monday, monday + 7 * day),
        "last week": (monday - 7 * day, monday),
        "this month": (month, _months_on(month, 1)),
        "last month": (_months_on(month, -1), month),
        "this year": (month.replace(month=1), _months_on(month.replace(month=1), 12)),
        "last year": (_months_on(month.replace(month=1), -12), month.replace(month=1)),
    }
    name = said.removeprefix("the ").removeprefix("last ").removeprefix("on ")
    if name in DAYS:
        back = (today.weekday() - DAYS.index(name) - 1) % 7 + 1
        return today - back * day, today - (back - 1) * day
    if said.removeprefix("the ") in known:
        return known[said.removeprefix("the ")]
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said):
        given = date.fromisoformat(said)
        return given, given + day
    if re.fullmatch(r"\d{4}-\d{2}", said):
        given = date.fromisoformat(f"{said}-01")
        return given, _months_on(given, 1)
    if re.fullmatch(r"\d{4}", said):
        given = date(int(said), 1, 1)
        return given, _months_on(given, 12)
    return None


def _months_on(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _ago(match: re.Match[str], now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    many, unit = int(match["many"] or 1), match["unit"]
    if unit in _UNITS:
        at = now - many * _UNITS[unit]
    else:
        here = now.astimezone(zone)
        month = _months_on(here.date().replace(day=1), -many * _MONTHS[unit])
        last = (_months_on(month, 1) - timedelta(days=1)).day
        at = here.replace(year=month.year, month=month.month, day=min(here.day, last)).astimezone(UTC)
    return at, at


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

"""Moments as people and models write them: in English, as the clocks of a zone show them. Pure.

Read strictly: what is not one of the forms is refused with their names, so that nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.talk.recurrence import moment_of

FORMS = "2026-11-28 18:00, 18:00, 6:30 pm, tomorrow 9:00, Friday 18:00, 28 November 18:00, in 20 minutes or in 3 days"
LONGEST = 100
"""Characters; more are no time."""
FURTHEST = timedelta(days=5 * 366)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_UNITS = {
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?\s?(?P<half>[ap]\.?m\.?)?"
)
_ISO = re.compile(r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:t|\s)\s?(?P<rest>.+)")
_OFFSET = re.compile(r"(?P<clock>.+?)\s?(?P<offset>z|utc|[+-][0-9]{2}:?[0-9]{2})")
_DAY_MONTH = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>[a-z]+)"
    r"|(?P<name>[a-z]+) (?P<number>[0-9]{1,2})(?:st|nd|rd|th)?)"
    r"(?:,? (?P<year>[0-9]{4}))?,? (?P<rest>.+)"
)
_AMOUNT = re.compile(r"([0-9]{1,5}|an?|half an) ?(minute|min|hour|h|day|week)s?")
_CLOCKS = {"noon": time(12), "midnight": time(0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`at`: the moment, in the zone. `note`: what is odd about it, for whoever named it; mostly ""."""

    at: datetime
    note: str = ""


def moment(text: str, *, now: datetime, zone: tzinfo) -> Told:
    """The moment that is meant, always after `now` (aware). Raises ValueError that says what would be right."""
    words = " ".join(text.casefold().replace(" at ", " ").split()).removeprefix("on ").removeprefix("at ")
    if not words or len(text) > LONGEST:
        raise _unknown(text)
    try:
        told = _read(words, now.astimezone(zone), zone)
    except OverflowError:
        told = None
    if told is None:
        raise _unknown(text)
    now = now.astimezone(UTC)  # two moments of one zone would be compared as clocks show them
    if told.at <= now:
        raise ValueError(f"{_shown(told.at)} is past: it is {_shown(now.astimezone(zone))} now")
    if told.at - now > FURTHEST:
        raise ValueError("that is too far away: five years at most")
    return told


def weekday(word: str) -> int | None:
    """Monday is 0; None where it is none. In lower case, also its first three letters or more."""
    return next((number for number, day in enumerate(DAYS) if len(word) >= 3 and day.startswith(word)), None)


def _read(words: str, here: datetime, zone: tzinfo) -> Told | None:
    if words.startswith("in "):
        return _from_now(words.removeprefix("in "), here, zone)
    if match := _ISO.fullmatch(words):
        return _dated(_date(match["date"]), match["rest"], zone)
    first, _, rest = words.partition(" ")
    day = first.rstrip(",")
    if day in ("today", "tomorrow"):
        wanted = here.date() + timedelta(days=day == "tomorrow")
        return _on(wanted, rest, zone)
    if (wanted_day := weekday(day)) is not None:
        return _weekday(wanted_day, rest, here, zone)
    if match := _DAY_MONTH.fullmatch(words):
        return _in_month(match, here, zone)
    clock = time_of_day(words)
    return None if clock is None else _first(clock, (here.date(), here.date() + timedelta(days=1)), here, zone)


def _first(clock: time, days: Iterable[date], here: datetime, zone: tzinfo) -> Told | None:
    """On the first of these days on which that is still to come."""
    return next((_told(day, clock, zone) for day in days if moment_of(day, clock, zone) > here), None)


def _on(day: date, words: str, zone: tzinfo) -> Told | None:
    clock = time_of_day(words)
    return None if clock is None else _told(day, clock, zone)


def _weekday(wanted: int, words: str, here: datetime, zone: tzinfo) -> Told | None:
    clock = time_of_day(words)
    if clock is None:
        return None
    day = here.date() + timedelta(days=(wanted - here.weekday()) % 7)
    return _first(clock, (day, day + timedelta(days=7)), here, zone)


def _in_month(match: re.Match[str], here: datetime, zone: tzinfo) -> Told | None:
    name, number = match["month"] or match["name"], int(match["day"] or match["number"])
    months = [at for at, each in enumerate(MONTHS, 1) if each == name or (len(name) >= 3 and each[:3] == name)]
    clock = time_of_day(match["rest"])
    if not months or clock is None:
        return None
    if match["year"]:
        return _told(_day(int(match["year"]), months[0], number), clock, zone)
    # The 29th of February may be eight years away.
    days = (day for year in range(here.year, here.year + 9) if (day := _maybe(year, months[0], number)))
    if told := _first(clock, days, here, zone):
        return told
    raise ValueError(f"there is no {number} {name}")


def _dated(day: date, words: str, zone: tzinfo) -> Told | None:
    if match := _OFFSET.fullmatch(words):
        clock, offset = time_of_day(match["clock"]), match["offset"]
        if clock is None:
            return None
        at = datetime.combine(day, clock, tzinfo=UTC) - (timedelta() if offset in ("z", "utc") else _hours(offset))
        return Told(at=at.astimezone(zone))
    return _on(day, words, zone)


def _from_now(words: str, here: datetime, zone: tzinfo) -> Told | None:
    """Minutes and hours as they pass; days and weeks as the calendar counts them, at the same time of day."""
    parts = re.split(r",? and |, | (?=[0-9])", words.replace("half an hour", "30 minutes"))
    passing, days = timedelta(), timedelta()
    for part in parts:
        match = _AMOUNT.fullmatch(part)
        if match is None:
            return None
        unit = _UNITS[match[2]] * (1 if match[1] in ("a", "an") else int(match[1]))
        if unit >= timedelta(days=1) and match[2] in ("day", "week"):
            days += unit
        else:
            passing += unit
    if passing + days > FURTHEST:
        raise ValueError("that is too far away: five years at most")
    if not days:
        return Told(at=(here.astimezone(UTC) + passing).astimezone(zone))
    told = _told(here.date() + days, here.time().replace(fold=0), zone)
    return Told(at=(told.at.astimezone(UTC) + passing).astimezone(zone), note=told.note)


def time_of_day(words: str) -> time | None:
    """None where it is none. In lower case, with minutes or a half of the day."""
    if words in _CLOCKS:
        return _CLOCKS[words]
    match = _CLOCK.fullmatch(words)
    if match is None or not (match["minute"] or match["half"]):
        return None
    hour, half = int(match["hour"]), (match["half"] or "").replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None


def _told(day: date, clock: time, zone: tzinfo) -> Told:
    """Raises ValueError for a time that clocks jump over."""
    at = moment_of(day, clock, zone).astimezone(zone)
    if at.replace(tzinfo=None, fold=0) != datetime.combine(day, clock):
        raise ValueError(
            f"{clock:%H:%M} does not exist on {day}: clocks are set forward over it; the first time after it is "
            f"{at:%H:%M}"
        )
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    note = f"{clock:%H:%M} comes twice on {day}, because clocks are set back; this is the first" if twice else ""
    return Told(at=at, note=note)


def _date(text: str) -> date:
    year, month, day = map(int, text.split("-"))
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    found = _maybe(year, month, day)
    if found is None:
        raise ValueError(f"there is no {year}-{month:02}-{day:02} in the calendar")
    return found


def _maybe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _hours(offset: str) -> timedelta:
    sign = -1 if offset[0] == "-" else 1
    return sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))


def _shown(at: datetime) -> str:
    return f"{at:%A %Y-%m-%d %H:%M}"


def _unknown(text: str) -> ValueError:
    return ValueError(f"{text[:LONGEST]!r} is no time that I can read; write it like {FORMS}")

"""When something comes again, in the wall-clock time of a zone; pure, whatever the zone does with its clocks.

A wall-clock time means the first moment at which the zone's clocks show it, or, where they jump over it, the first
moment after the jump. So a time that exists twice (clocks set back) comes once, and one that does not exist (clocks set
forward, a day that a zone skipped) is not lost. Moments are aware; what is returned is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
"""Monday is 0."""

_SECOND = timedelta(seconds=1)
_SLACK = 2
"""Days that a moment may lie from where the calendar puts it: zones have skipped and repeated whole days."""
_LEAP_DAYS = 8 * 366 + 9
"""Days among which every day of the calendar is: a century may have no 29th of February for eight years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """At one moment."""

    at: datetime

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return self.at.astimezone(UTC) if self.at > moment else None

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return self.at.astimezone(UTC) if self.at <= moment else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDays:
    """Every day, or on some days of the week (Monday is 0), at a wall-clock time. Raises ValueError."""

    at: time
    days: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None or not self.days or not self.days <= EVERY_DAY:
            raise ValueError("a wall-clock time without a zone, and days from 0 (Monday) to 6")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _first_after(moment, self._days(moment, zone, range(-_SLACK, 8 + _SLACK)), self.at, zone)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _last_until(moment, self._days(moment, zone, range(_SLACK, -8 - _SLACK, -1)), self.at, zone)

    def _days(self, moment: datetime, zone: tzinfo, offsets: range) -> Iterable[date]:
        today = moment.astimezone(zone).date()
        for offset in offsets:
            day = today + timedelta(days=offset)
            if day.weekday() in self.days:
                yield day


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """Every month on a day of it (1 to 31) at a wall-clock time; on the last day of a shorter month. Raises
    ValueError."""

    at: time
    day: int = 1

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None or not 1 <= self.day <= 31:
            raise ValueError("a wall-clock time without a zone, and a day from 1 to 31")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _first_after(moment, self._days(moment, zone, range(-1, 3)), self.at, zone)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _last_until(moment, self._days(moment, zone, range(1, -3, -1)), self.at, zone)

    def _days(self, moment: datetime, zone: tzinfo, offsets: range) -> Iterable[date]:
        today = moment.astimezone(zone).date()
        for offset in offsets:
            first, following = (_first(today.year * 12 + today.month - 1 + months) for months in (offset, offset + 1))
            yield min(first + timedelta(days=self.day - 1), following - timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Every so many minutes, counted from a moment on, which is the first; clocks on the wall do not matter. Raises
    ValueError."""

    minutes: int
    since: datetime

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError("at least one minute")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        if moment < self.since:
            return self.since.astimezone(UTC)
        step = timedelta(minutes=self.minutes)
        try:
            return (self.since + ((moment - self.since) // step + 1) * step).astimezone(UTC)
        except OverflowError:
            return None

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        if moment < self.since:
            return None
        step = timedelta(minutes=self.minutes)
        return (self.since + (moment - self.since) // step * step).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryDays:
    """Every so many days at a wall-clock time, counted from a day on, which is the first. Raises ValueError."""

    at: time
    days: int
    since: date

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None or self.days < 1:
            raise ValueError("a wall-clock time without a zone, and at least one day")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _first_after(moment, self._days(moment, zone, forward=True), self.at, zone)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        return _last_until(moment, self._days(moment, zone, forward=False), self.at, zone)

    def _days(self, moment: datetime, zone: tzinfo, *, forward: bool) -> Iterable[date]:
        passed = (moment.astimezone(zone).date() - self.since).days
        slack = _SLACK // self.days + 2
        turn = max(0, passed // self.days)
        turns = range(max(0, turn - slack), turn + slack + 1)
        for each in turns if forward else reversed(turns):
            yield self.since + timedelta(days=each * self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """At wall-clock times of some days, as a cron line (`talk/cron.py`) names them: by month, by day of the month, and
    by day of the week (Monday is 0). `either`: one of the two last will do, else it takes both. Raises ValueError."""

    times: tuple[time, ...]
    months: frozenset[int] = frozenset(range(1, 13))
    days: frozenset[int] = frozenset(range(1, 32))
    weekdays: frozenset[int] = EVERY_DAY
    either: bool = False

    def __post_init__(self) -> None:
        if not self.times or any(at.tzinfo is not None for at in self.times) or list(self.times) != sorted(self.times):
            raise ValueError("wall-clock times without a zone, in their order")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        found = (moment_of(day, at, zone) for day in self._days(moment, zone, 1) for at in self.times)
        return _one(at for at in found if at > moment)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime | None:
        found = (moment_of(day, at, zone) for day in self._days(moment, zone, -1) for at in reversed(self.times))
        return _one(at for at in found if at <= moment)

    def on(self, day: date) -> bool:
        """Whether it is one of the days."""
        if day.month not in self.months:
            return False
        by_number, by_name = day.day in self.days, day.weekday() in self.weekdays
        return by_number or by_name if self.either else by_number and by_name

    def _days(self, moment: datetime, zone: tzinfo, step: int) -> Iterable[date]:
        first = moment.astimezone(zone).date() - timedelta(days=_SLACK * step)
        for passed in range(_LEAP_DAYS):
            day = first + timedelta(days=passed * step)
            if self.on(day):
                yield day


Recurrence = Once | OnDays | Monthly | Every | EveryDays | Cron


def moment_of(day: date, at: time, zone: tzinfo) -> datetime:
    """The first moment at which the zone's clocks show this time of this day, or, where they jump over it, later."""
    wall = datetime.combine(day, at)
    shown = wall.replace(tzinfo=zone)
    moment = shown.astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    # In a jump, the two readings of the time lie before and behind it (PEP 495); it happens at a whole second.
    before = shown.replace(fold=1).astimezone(UTC).replace(microsecond=0)
    low, high = 0, int((moment - before) / _SECOND) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _wall(before + middle * _SECOND, zone) < wall:
            low = middle
        else:
            high = middle
    return before + high * _SECOND


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _first(month: int) -> date:
    """The first day of a month, counted through from the year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _one(moments: Iterable[datetime]) -> datetime | None:
    """The first of them. None where there is none, or the calendar ends."""
    try:
        return next(iter(moments), None)
    except (OverflowError, ValueError):
        return None


def _first_after(moment: datetime, days: Iterable[date], at: time, zone: tzinfo) -> datetime | None:
    """Days in ascending order. None where the calendar ends."""
    return _one(found for day in days if (found := moment_of(day, at, zone)) > moment)


def _last_until(moment: datetime, days: Iterable[date], at: time, zone: tzinfo) -> datetime | None:
    """Days in descending order. None where the calendar begins."""
    return _one(found for day in days if (found := moment_of(day, at, zone)) <= moment)

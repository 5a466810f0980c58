"""What is planned: digests of a community each, in twenty zones, as people write them. Drawn from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.digest.schedule import KIND, Schedule, step_before
from bot.talk.ground import Ground
from bot.talk.message import Place
from bot.talk.plan import Plan, first_due
from bot.talk.rhythm import rhythm

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
PLATFORM = "local"

ZONES = (
    "UTC", "Europe/Paris", "Europe/Dublin", "Africa/Casablanca", "Africa/Cairo", "America/New_York",
    "America/St_Johns", "America/Santiago", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Kolkata",
    "Asia/Jerusalem", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Chatham", "Pacific/Apia", "Pacific/Auckland",
    "Antarctica/Troll", "America/Havana",
)  # fmt: skip

POPULAR = (time(9), time(9), time(18), time(8, 30), time(0), time(2, 30))
"""Half of all are at one of these: also in the hour that clocks skip or repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One digest as somebody wanted it: on which days, at which times of the clocks of a zone."""

    number: int
    zone: str
    words: str
    times: tuple[time, ...]
    months: frozenset[int] = frozenset(range(1, 13))
    days: frozenset[int] = frozenset(range(1, 32))
    weekdays: frozenset[int] = frozenset(range(7))
    last: bool = False
    """On the last day of the month."""

    def on(self, day: date) -> bool:
        if day.month not in self.months or day.weekday() not in self.weekdays:
            return False
        return (day + timedelta(days=1)).day == 1 if self.last else day.day in self.days

    @property
    def channel(self) -> Place:
        return Place(platform=PLATFORM, id=f"c{self.number}", name=f"c{self.number}")


def draw(count: int, seed: int) -> Sequence[Wanted]:
    random = Random(seed)
    return [_one(number, random) for number in range(count)]


def _one(number: int, random: Random) -> Wanted:
    zone = ZONES[number % len(ZONES)]
    at = random.choice(POPULAR) if random.random() < 0.5 else time(random.randrange(24), random.randrange(60))
    clock, cron = f"{at:%H:%M}", f"{at.minute} {at.hour}"
    weekday, day = random.randrange(7), random.randrange(1, 29)
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    share = random.random()
    if share < 0.001:
        return Wanted(number=number, zone=zone, words=f"every day at {clock}", times=(at,))
    if share < 0.0015:
        weekdays = frozenset(range(5))
        return Wanted(number=number, zone=zone, words=f"weekdays at {clock}", times=(at,), weekdays=weekdays)
    if share < 0.0018:
        both = tuple(sorted({time(at.minute % 12, at.minute), time(at.minute % 12 + 12, at.minute)}))
        words = f"{at.minute} {both[0].hour},{both[1].hour} * * *"
        return Wanted(number=number, zone=zone, words=words, times=both)
    if share < 0.01:
        words = f"every {name} at {clock}"
        return Wanted(number=number, zone=zone, words=words, times=(at,), weekdays=frozenset({weekday}))
    if share < 0.06:
        words = f"monthly on {day} at {clock}"
        return Wanted(number=number, zone=zone, words=words, times=(at,), days=frozenset({day}))
    if share < 0.1:
        return Wanted(number=number, zone=zone, words=f"monthly on the last at {clock}", times=(at,), last=True)
    month = random.randrange(1, 4)
    months = frozenset(range(month, 13, 3 if share < 0.15 else 6))
    words = f"{cron} {day} {','.join(map(str, sorted(months)))} *"
    return Wanted(number=number, zone=zone, words=words, times=(at,), months=months, days=frozenset({day}))


def planned(wanted: Wanted) -> Plan:
    """As the commands plan it."""
    recurrence = rhythm(wanted.words, now=START, zone=ZoneInfo(wanted.zone))
    due = first_due(recurrence, wanted.zone, now=START)
    assert due is not None
    says = Schedule(
        number=wanted.number,
        grounds=(Ground(place=wanted.channel),),
        target=wanted.channel,
        home=wanted.channel,
        when=wanted.words,
        since=step_before(due, recurrence, wanted.zone),
    )
    return Plan(
        id=f"p{wanted.number}",
        kind=KIND,
        recurrence=recurrence,
        due=due,
        timezone=wanted.zone,
        scope=PLATFORM,
        payload=says.payload,
    )

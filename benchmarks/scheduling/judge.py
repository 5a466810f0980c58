"""What ought to have come, reckoned anew and another way, against what did."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.scheduling.population import START, Wanted

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """While a process ran."""

    since: datetime
    until: datetime


@dataclass(slots=True, kw_only=True)
class Verdict:
    """`missed`: moments that nobody carried out though they were not overtaken while nothing ran, and time that no
    digest told; `doubled`: moments that left more than one thing, and time that was told twice."""

    runs: int = 0
    missed: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    strange: list[str] = field(default_factory=list[str])
    late: list[float] = field(default_factory=list[float])


def moments(wanted: Wanted, until: datetime) -> list[datetime]:
    """All of one plan, in UTC: for each day and time the first minute at which the clocks show it, or more."""
    zone, found = ZoneInfo(wanted.zone), set[datetime]()
    day = date(START.year, START.month, START.day) - timedelta(days=1)
    while datetime(day.year, day.month, day.day, tzinfo=UTC) < until + timedelta(days=2):
        if wanted.on(day):
            found.update(_first(datetime.combine(day, each), zone) for each in wanted.times)
        day += timedelta(days=1)
    return sorted(moment for moment in found if START < moment <= until)


def _first(wall: datetime, zone: ZoneInfo) -> datetime:
    def shown(moment: datetime) -> datetime:
        return moment.astimezone(zone).replace(tzinfo=None)

    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    while shown(moment) >= wall:
        moment -= timedelta(hours=1)
    while shown(moment) < wall:
        moment += MINUTE
    return moment


def judge(population: Sequence[Wanted], ups: Sequence[Up], folder: Path, file_name: str) -> Verdict:
    """Of all that was due until a minute before the last process ended."""
    verdict, end = Verdict(), ups[-1].until - MINUTE
    carried_out, told = _read(folder / file_name)
    for wanted in population:
        name = f"p{wanted.number}"
        expected = moments(wanted, end)
        came = {moment for moment in carried_out.get(name, ()) if moment <= end}
        verdict.runs += len(came)
        verdict.strange += [f"{name} at {each}" for each in came - set(expected)]
        overtaken = _overtaken(expected, ups)
        verdict.missed += [f"{name} at {each}" for each in expected if each not in came and each not in overtaken]
        _tiled(name, carried_out.get(name, []), told.get(f"local:c{wanted.number}", []), verdict)
    _noted(folder / "journal.txt", ups, verdict)
    return verdict


def _read(path: Path) -> tuple[Mapping[str, list[datetime]], Mapping[str, list[tuple[datetime, datetime]]]]:
    """When each plan was carried out, and which time its digests told of, by place."""
    carried_out: defaultdict[str, list[datetime]] = defaultdict(list)
    told: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for plan, at, outcome in connection.execute("select plan, at, outcome from plan_runs order by at"):
            if outcome == "done":
                carried_out[plan].append(datetime.fromtimestamp(at / 1e6, UTC))
        for place, text in connection.execute("select place, text from deliveries"):
            since, until = map(datetime.fromisoformat, text.split())
            told[place].append((since, until))
    return carried_out, told


def _overtaken(expected: Sequence[datetime], ups: Sequence[Up]) -> set[datetime]:
    """Moments after which another came before a process ran again: of several the latest is caught up."""
    found: set[datetime] = set()
    for before, after in pairwise(ups):
        low = bisect_left(expected, before.until - MINUTE)
        high = bisect_left(expected, after.since)
        found.update(expected[low : max(low, high - 1)])
    return found


def _tiled(name: str, came: Sequence[datetime], told: list[tuple[datetime, datetime]], verdict: Verdict) -> None:
    """Each run left one digest, and these tell of all time once."""
    told.sort()
    ends = Counter(until for _, until in told)
    verdict.doubled += [f"{name} told twice until {until}" for until, count in ends.items() if count > 1]
    verdict.missed += [f"{name} left nothing at {each}" for each in came if each not in ends]
    verdict.strange += [f"{name} told until {until} without a run" for until in ends if until not in set(came)]
    for (_, until), (since, _) in pairwise(told):
        if since < until:
            verdict.doubled.append(f"{name} told of {since} to {until} again")
        elif since > until:
            verdict.missed.append(f"{name} told nothing of {until} to {since}")


def _noted(path: Path, ups: Sequence[Up], verdict: Verdict) -> None:
    left: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        kind, *words = line.split()
        if kind == "left":
            left[words[0]] += 1
            continue
        at, late = datetime.fromisoformat(words[1]), float(words[2])
        if any(up.since <= at and at + timedelta(seconds=late) <= up.until for up in _around(at, ups)):
            verdict.late.append(late)
    verdict.doubled += [f"delivery {each} left {count} times" for each, count in left.items() if count > 1]


def _around(at: datetime, ups: Sequence[Up]) -> Sequence[Up]:
    """The process that ran then, if one did."""
    number = bisect_right(ups, at, key=lambda up: up.since)
    return ups[number - 1 : number] if number else ()

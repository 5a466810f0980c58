"""The judge of scheduled digests finds what is wrong, and a slice of the year has nothing wrong in it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from benchmarks.scheduling.judge import Up, Verdict, judge, moments
from benchmarks.scheduling.population import START, YEAR, Wanted, draw, planned
from bot.storage.address import FILE_NAME

DAY = timedelta(days=1)
NINE = Wanted(number=0, zone="UTC", words="every day at 09:00", times=(time(9),))
FIRST = START.replace(hour=9)
END = START + 5 * DAY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class Records:
    """What a store and a journal would hold of five days, as a test spoils it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.runs = [FIRST + day * DAY for day in range(5)]
        self.told = [(each - DAY, each) for each in self.runs]
        self.journal = [f"begun p0 {each.isoformat()} 0.25\nleft {each.day}" for each in self.runs]

    def judged(self, ups: Sequence[Up] = (Up(since=START, until=END),)) -> Verdict:
        with closing(sqlite3.connect(self._folder / FILE_NAME)) as connection:
            connection.execute("create table plan_runs (plan, at, outcome)")
            connection.execute("create table deliveries (place, text)")
            runs = [("p0", int(each.timestamp() * 1e6), "done") for each in self.runs]
            told = [("local:c0", f"{since.isoformat()} {until.isoformat()}") for since, until in self.told]
            connection.executemany("insert into plan_runs values (?, ?, ?)", runs)
            connection.executemany("insert into deliveries values (?, ?)", told)
            connection.commit()
        (self._folder / "journal.txt").write_text("\n".join(self.journal))
        return judge([NINE], ups, self._folder, FILE_NAME)


def test_a_year_without_a_fault_has_none(tmp_path: Path) -> None:
    verdict = Records(tmp_path).judged()
    assert (verdict.runs, verdict.missed, verdict.doubled, verdict.strange) == (5, [], [], [])
    assert verdict.late == [0.25] * 5


def test_a_moment_that_nobody_carried_out_is_missed(tmp_path: Path) -> None:
    records = Records(tmp_path)
    del records.runs[2], records.told[2]
    verdict = records.judged()
    assert len(verdict.missed) == 2  # the moment, and the time that it would have told of
    assert not verdict.doubled


def test_of_moments_that_passed_while_nothing_ran_the_latest_is_enough_if_it_tells_of_all(tmp_path: Path) -> None:
    away = (Up(since=START, until=FIRST + DAY / 2), Up(since=FIRST + 2 * DAY + DAY / 2, until=END))
    records = Records(tmp_path)
    del records.runs[1], records.told[1]
    records.told[1] = (records.told[0][1], records.runs[1])
    assert not records.judged(away).missed
    (tmp_path / FILE_NAME).unlink()
    del records.runs[1], records.told[1]
    assert records.judged(away).missed, "the latest has to come"


def test_what_was_told_twice_is_found(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.told.append(records.told[3])
    records.journal.append("left 3")
    verdict = records.judged()
    assert len(verdict.doubled) == 3  # the digest, the time that it tells of, and what left
    assert not verdict.missed


def test_what_was_never_planned_and_what_told_of_too_much_is_found(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.runs.append(FIRST + timedelta(hours=1))
    records.told[4] = (records.told[4][0] - timedelta(hours=1), records.told[4][1])
    verdict = records.judged()
    assert verdict.strange
    assert verdict.doubled


def test_only_what_was_due_while_its_process_ran_counts_as_late(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.journal = [f"begun p0 {FIRST.isoformat()} 90000", f"begun p0 {(FIRST + DAY).isoformat()} 7"]
    ups = (Up(since=START, until=FIRST), Up(since=FIRST + DAY / 2, until=END))
    assert records.judged(ups).late == [7]


@pytest.mark.parametrize(
    ("zone", "clock", "month", "day", "moment"),
    [
        ("Europe/Paris", "02:30", 3, 29, "2026-03-29T01:00+00:00"),  # skipped: the first moment behind
        ("Europe/Paris", "02:30", 10, 25, "2026-10-25T00:30+00:00"),  # comes twice: the first
        ("Australia/Lord_Howe", "02:15", 10, 4, "2026-10-04T02:30+11:00"),
        ("Asia/Tokyo", "09:00", 1, 2, "2026-01-02T00:00+00:00"),
    ],
)
def test_the_judge_reckons_moments_of_zones_that_set_their_clocks(
    zone: str, clock: str, month: int, day: int, moment: str
) -> None:
    wanted = Wanted(
        number=0,
        zone=zone,
        words="",
        times=(time.fromisoformat(clock),),
        months=frozenset({month}),
        days=frozenset({day}),
    )
    assert moments(wanted, START + YEAR) == [at(moment)]


def test_the_judge_and_the_plans_reckon_the_same_year() -> None:
    population = draw(400, 7)
    assert len({each.zone for each in population}) == 20
    for wanted in population:
        plan, zone, came = planned(wanted), ZoneInfo(wanted.zone), list[datetime]()
        due = plan.due
        while due is not None and due <= START + YEAR:
            came.append(due)
            due = plan.recurrence.next_after(due, zone)
        assert came == moments(wanted, START + YEAR), wanted


@pytest.mark.thorough
async def test_a_few_weeks_with_kills_miss_nothing_and_double_nothing() -> None:
    """In a process of its own, because it forks."""
    words = ("-m", "benchmarks.schedule", "--plans", "60", "--kills", "3", "--days", "40", "--json")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    figures = json.loads(out.splitlines()[-1])
    assert figures["kills"] == 3
    assert figures["runs"] > 20
    assert (figures["missed"], figures["doubled"], figures["strange"]) == (0, 0, 0)

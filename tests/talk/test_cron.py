"""Cron lines: what they mean, and which are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.cron import LEAST_MINUTES, cron, is_cron
from bot.talk.recurrence import Cron

START = datetime(2026, 11, 28, 8, 40, tzinfo=UTC)  # a Saturday


def coming(line: str, count: int = 1, zone: str = "UTC", since: datetime = START) -> list[str]:
    found: list[str] = []
    for _ in range(count):
        after = cron(line).next_after(since, ZoneInfo(zone))
        assert after is not None
        found.append(f"{after.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}")
        since = after
    return found


@pytest.mark.parametrize(
    ("line", "moments"),
    [
        ("30 8 * * *", ["2026-11-29 08:30", "2026-11-30 08:30"]),
        ("0 9 * * 1-5", ["2026-11-30 09:00", "2026-12-01 09:00"]),
        ("0 9 * * MON,thu", ["2026-11-30 09:00", "2026-12-03 09:00"]),
        ("0 9 * * 7", ["2026-11-29 09:00", "2026-12-06 09:00"]),
        ("0 9 * * fri-sun", ["2026-11-28 09:00", "2026-11-29 09:00", "2026-12-04 09:00"]),
        ("*/30 8-9 * * *", ["2026-11-28 09:00", "2026-11-28 09:30", "2026-11-29 08:00"]),
        ("15 5/9 * * *", ["2026-11-28 14:15", "2026-11-28 23:15", "2026-11-29 05:15"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 12 31 * *", ["2026-12-31 12:00", "2027-01-31 12:00", "2027-03-31 12:00"]),
        ("0 9 1 jan,jul *", ["2027-01-01 09:00", "2027-07-01 09:00"]),
        # Where both kinds of days are named, either will do.
        ("0 9 13 * 5", ["2026-12-04 09:00", "2026-12-11 09:00", "2026-12-13 09:00"]),
        ("@hourly", ["2026-11-28 09:00", "2026-11-28 10:00"]),
        ("@weekly", ["2026-11-29 00:00", "2026-12-06 00:00"]),
        ("@Monthly", ["2026-12-01 00:00", "2027-01-01 00:00"]),
    ],
)
def test_a_line_means_what_cron_makes_of_it(line: str, moments: list[str]) -> None:
    assert coming(line, len(moments)) == moments


def test_a_line_is_read_by_the_clocks_of_its_zone_also_in_the_night_in_which_they_are_set() -> None:
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert coming("30 2 * * *", 2, "Europe/Paris", spring) == ["2026-03-29 03:00", "2026-03-30 02:30"]
    assert coming("30 2 * * *", 2, "Europe/Paris", autumn) == ["2026-10-25 02:30", "2026-10-26 02:30"]
    hours = coming("0 1-4 * * *", 4, "Europe/Paris", spring)
    assert hours == ["2026-03-29 01:00", "2026-03-29 03:00", "2026-03-29 04:00", "2026-03-30 01:00"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("* * * * *", "too often"),
        ("*/14 * * * *", "too often"),
        ("0,50 * * * *", "too often"),
        ("0,59 0,23 * * *", "too often"),
        ("* * * * * *", "five fields"),
        ("* * * *", "five fields"),
        ("", "five fields"),
        ("@reboot", "five fields"),
        ("60 * * * *", "from 0 to 59"),
        ("0 24 * * *", "from 0 to 23"),
        ("0 0 0 * *", "from 1 to 31"),
        ("0 0 * 13 *", "from 1 to 12"),
        ("0 0 * * 8", "from 0 to 7"),
        ("9-3 * * * *", "from 0 to 59"),
        ("*/0 * * * *", "from 0 to 59"),
        ("0 0 * * L", "no weekday"),
        ("mon 0 * * *", "no minute"),
        ("0 0 1, * *", "no day"),
        ("0 0 -1 * *", "no day"),
        ("0 " * 200, "five fields"),
    ],
)
def test_a_line_that_is_none_or_never_comes_or_comes_too_often_is_refused(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cron(line)


def test_the_end_of_one_day_and_the_beginning_of_the_next_count_only_where_both_are_meant() -> None:
    assert cron("0,59 0,23 * * 1").weekdays == {0}
    with pytest.raises(ValueError, match="too often"):
        cron("0,59 0,23 * * 1,2")


lists = st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True)


@settings(max_examples=40, deadline=None)
@given(
    minutes=lists,
    hours=st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True),
    weekdays=st.lists(st.integers(0, 7), min_size=1, max_size=7, unique=True),
    since=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_a_line_comes_at_every_minute_that_fits_and_at_no_other(
    minutes: list[int], hours: list[int], weekdays: list[int], since: datetime
) -> None:
    line = f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * {','.join(map(str, weekdays))}"
    meant = {(day % 7) for day in weekdays}
    fitting = list(_minutes_that_fit(since, minutes, hours, meant))
    if any(later - earlier < timedelta(minutes=LEAST_MINUTES) for earlier, later in pairwise(fitting)):
        with pytest.raises(ValueError, match="too often"):
            cron(line)
        return
    found = cron(line)
    moment = since
    for expected in fitting:
        assert found.next_after(moment, UTC) == expected
        assert found.last_until(expected, UTC) == expected
        moment = expected


def _minutes_that_fit(since: datetime, minutes: list[int], hours: list[int], days: set[int]) -> Iterator[datetime]:
    """In the next eight days, looked at one by one."""
    moment = since.replace(second=0, microsecond=0)
    for _ in range(8 * 24 * 60):
        moment += timedelta(minutes=1)
        if moment.minute in minutes and moment.hour in hours and moment.isoweekday() % 7 in days:
            yield moment


@pytest.mark.parametrize(
    ("text", "meant"),
    [("0 9 * * 1", True), ("@daily", True), ("* * * * * *", True), ("9 on weekdays", False), ("every 3 days", False)],
)
def test_a_cron_line_is_told_from_plain_words(text: str, meant: bool) -> None:
    assert is_cron(text) is meant


def test_times_out_of_order_are_no_recurrence() -> None:
    with pytest.raises(ValueError, match="in their order"):
        Cron(times=(time(9), time(8)))
    assert not Cron(times=(time(9),), months=frozenset({2})).on(date(2026, 3, 1))

"""Recurrences: each planned moment comes once, in order, whatever zones do with their clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.recurrence import (
    EVERY_DAY,
    WEEKDAYS,
    Cron,
    Every,
    EveryDays,
    Monthly,
    Once,
    OnDays,
    Recurrence,
    moment_of,
)

ZONES = (
    "UTC",
    "Europe/Paris",
    "Europe/Dublin",  # its summer time is the standard one
    "Africa/Casablanca",  # summer time pauses in Ramadan
    "Africa/Cairo",  # sets its clocks at midnight
    "America/New_York",
    "America/St_Johns",  # did so a minute after midnight
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Caracas",  # moved by half an hour
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # skipped a day
    "Pacific/Kwajalein",
    "Antarctica/Troll",  # two hours
    "Pacific/Chatham",
)

moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC))
times = st.times()
zones = st.sampled_from(ZONES).map(ZoneInfo)
recurrences: st.SearchStrategy[Recurrence] = st.one_of(
    st.builds(OnDays, at=times, days=st.frozensets(st.integers(0, 6), min_size=1)),
    st.builds(Monthly, at=times, day=st.integers(1, 31)),
    st.builds(Every, minutes=st.integers(1, 100_000), since=moments),
    st.builds(EveryDays, at=times, days=st.integers(1, 400), since=st.dates(date(1990, 1, 1), date(2037, 12, 1))),
    st.builds(Once, at=moments),
    st.builds(
        Cron,
        times=st.sets(times, min_size=1, max_size=5).map(sorted).map(tuple),
        months=st.frozensets(st.integers(1, 12), min_size=1),
        days=st.frozensets(st.integers(1, 28), min_size=1),
        weekdays=st.frozensets(st.integers(0, 6), min_size=1),
        either=st.just(True),
    ),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def after(recurrence: Recurrence, moment: datetime, zone: str, count: int) -> list[datetime]:
    """The next moments as the zone's clocks show them."""
    found: list[datetime] = []
    for _ in range(count):
        coming = recurrence.next_after(moment, ZoneInfo(zone))
        assert coming is not None
        found.append(coming.astimezone(ZoneInfo(zone)))
        moment = coming
    return found


@settings(max_examples=300, deadline=None)
@given(recurrence=recurrences, moment=moments, zone=zones)
def test_nothing_comes_between_a_moment_and_the_next(recurrence: Recurrence, moment: datetime, zone: ZoneInfo) -> None:
    coming = recurrence.next_after(moment, zone)
    if coming is None:
        assert isinstance(recurrence, Once)
        assert recurrence.last_until(moment, zone) == recurrence.at
        return
    assert coming > moment
    assert recurrence.last_until(coming, zone) == coming
    before = recurrence.last_until(coming - timedelta(microseconds=1), zone)
    assert before is None or before <= moment
    if before is not None:
        assert recurrence.next_after(before, zone) == coming


@settings(max_examples=300, deadline=None)
@given(day=st.dates(date(1990, 1, 1), date(2037, 12, 1)), clock=times, zone=zones)
def test_a_wall_clock_time_is_the_first_moment_that_shows_it_or_the_first_after_a_jump(
    day: date, clock: time, zone: ZoneInfo
) -> None:
    wall, tick = datetime.combine(day, clock), timedelta(microseconds=1)
    found = moment_of(day, clock, zone)

    def shows(moment: datetime) -> datetime:
        return moment.astimezone(zone).replace(tzinfo=None)

    assert shows(found) >= wall
    assert shows(found - tick) < wall
    if shows(found) == wall:
        earlier = datetime.combine(day, clock, tzinfo=zone).replace(fold=1).astimezone(UTC)
        assert found <= earlier or shows(earlier) != wall


@settings(max_examples=150, deadline=None)
@given(clock=times, moment=moments, zone=zones)
def test_every_day_comes_as_often_as_there_are_days(clock: time, moment: datetime, zone: ZoneInfo) -> None:
    daily = OnDays(at=clock)
    end, seen, count = moment + timedelta(days=60), moment, 0
    while (coming := daily.next_after(seen, zone)) is not None and coming <= end:
        seen, count = coming, count + 1
    # A day that a zone skipped or repeated, and clocks set between the ends, make one more or less.
    assert abs(count - 60) <= 1


@pytest.mark.parametrize(
    ("zone", "clock", "moment", "comes"),
    [
        # Clocks jump from 02:00 to 03:00, or stand at 02:30 twice.
        ("Europe/Paris", "02:30", "2026-03-28T12:00+00:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        ("Europe/Paris", "02:30", "2026-10-24T12:00+00:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        # By half an hour, at 02:00.
        (
            "Australia/Lord_Howe",
            "02:15",
            "2026-10-02T16:00+00:00",
            ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-03T16:00+00:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        # There was no 30 December 2011.
        ("Pacific/Apia", "09:00", "2011-12-29T09:00-10:00", ["2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00"]),
        # Set back for Ramadan and forward again behind it.
        ("Africa/Casablanca", "02:30", "2026-02-14T12:00+00:00", ["2026-02-15T02:30+01:00", "2026-02-16T02:30+00:00"]),
        ("Africa/Casablanca", "02:30", "2026-03-21T12:00+00:00", ["2026-03-22T03:00+01:00", "2026-03-23T02:30+01:00"]),
        # Set forward at midnight: the day begins at one.
        ("Africa/Cairo", "00:00", "2026-04-23T12:00+00:00", ["2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"]),
    ],
)
def test_clocks_that_are_set_lose_nothing_and_repeat_nothing(
    zone: str, clock: str, moment: str, comes: list[str]
) -> None:
    found = after(OnDays(at=time.fromisoformat(clock)), at(moment), zone, len(comes))
    assert [each.isoformat(timespec="minutes") for each in found] == comes


def test_weekdays_leave_the_weekend_out() -> None:
    found = after(OnDays(at=time(9), days=WEEKDAYS), at("2026-11-26T12:00+01:00"), "Europe/Paris", 3)
    assert [each.strftime("%a %d") for each in found] == ["Fri 27", "Mon 30", "Tue 01"]


@pytest.mark.parametrize(
    ("day", "comes"),
    [
        (31, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (29, ["2027-01-29", "2027-02-28", "2027-03-29", "2027-04-29"]),
        (1, ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"]),
    ],
)
def test_a_month_without_such_a_day_has_it_on_its_last(day: int, comes: list[str]) -> None:
    found = after(Monthly(at=time(8), day=day), at("2026-12-31T12:00+01:00"), "Europe/Paris", 4)
    assert [each.date().isoformat() for each in found] == comes


def test_minutes_are_counted_whatever_the_wall_shows() -> None:
    hourly = Every(minutes=60, since=at("2026-03-29T00:30+01:00"))
    found = after(hourly, at("2026-03-29T00:45+01:00"), "Europe/Paris", 3)
    assert [each.strftime("%H:%M") for each in found] == ["01:30", "03:30", "04:30"]


def test_where_the_calendar_ends_nothing_comes_any_more() -> None:
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    for recurrence in (OnDays(at=time(9)), Monthly(at=time(9)), Every(minutes=60, since=last)):
        assert recurrence.next_after(last, ZoneInfo("Pacific/Kiritimati")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: OnDays(at=time(9), days=frozenset()),
        lambda: OnDays(at=time(9), days=EVERY_DAY | {7}),
        lambda: OnDays(at=time(9, tzinfo=UTC)),
        lambda: EveryDays(at=time(9), days=0, since=date(2026, 1, 1)),
        lambda: Monthly(at=time(9), day=0),
        lambda: Monthly(at=time(9), day=32),
        lambda: Every(minutes=0, since=at("2026-01-01T00:00+00:00")),
    ],
)
def test_what_would_never_come_or_always_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"days from|a day|one minute|one day"):
        wrong()


def test_every_third_day_keeps_its_time_of_day_over_a_change_of_clocks_and_begins_on_its_day() -> None:
    third = EveryDays(at=time(9), days=3, since=date(2026, 3, 26))
    found = after(third, at("2026-01-01T00:00+00:00"), "Europe/Paris", 4)
    assert [each.isoformat() for each in found] == [
        "2026-03-26T09:00:00+01:00",
        "2026-03-29T09:00:00+02:00",
        "2026-04-01T09:00:00+02:00",
        "2026-04-04T09:00:00+02:00",
    ]
    assert third.last_until(at("2026-03-26T07:59+00:00"), ZoneInfo("Europe/Paris")) is None

"""Times as people write them: read strictly, in the zone that is meant, and never in the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.when import FORMS, FURTHEST, moment
from tests.talk.test_recurrence import moments, zones

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 14, 0, 30, tzinfo=UTC)
"""A Wednesday, 15:00:30 in Paris."""

words = st.sampled_from(
    ["in", "a", "an", "half", "3", "20", "18:00", "9", "pm", "noon", "tomorrow", "today", "on", "at", "friday", "fri",
     "minutes", "hours", "days", "week", "and", "28", "november", "feb", "29", "2026-11-28", "2026-02-30", "t", "z",
     "+01:00", ",", "2027", "99999", "24:00", "-", "1st", "next"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-28 18:00", "2026-11-28T18:00+01:00"),
        ("2026-11-28T18:00:05", "2026-11-28T18:00:05+01:00"),
        ("2026-11-28T18:00Z", "2026-11-28T19:00+01:00"),
        ("2026-11-28 18:00+05:30", "2026-11-28T13:30+01:00"),
        ("2026-11-28 6 pm", "2026-11-28T18:00+01:00"),
        ("18:00", "2026-11-25T18:00+01:00"),
        ("at 6:30 PM", "2026-11-25T18:30+01:00"),
        ("15:00", "2026-11-26T15:00+01:00"),  # half a minute ago today
        ("noon", "2026-11-26T12:00+01:00"),
        ("midnight", "2026-11-26T00:00+01:00"),
        ("12 am", "2026-11-26T00:00+01:00"),
        ("today at 23:59", "2026-11-25T23:59+01:00"),
        ("Tomorrow 9:00", "2026-11-26T09:00+01:00"),
        ("on Friday at 18:00", "2026-11-27T18:00+01:00"),
        ("Wed 18:00", "2026-11-25T18:00+01:00"),
        ("Wednesday 15:00", "2026-12-02T15:00+01:00"),
        ("28 November 18:00", "2026-11-28T18:00+01:00"),
        ("November 1st, 8 am", "2027-11-01T08:00+01:00"),
        ("Dec 24, 2027, 18:00", "2027-12-24T18:00+01:00"),
        ("29 feb 12:00", "2028-02-29T12:00+01:00"),
        ("in 20 minutes", "2026-11-25T15:20:30+01:00"),
        ("in an hour", "2026-11-25T16:00:30+01:00"),
        ("in half an hour", "2026-11-25T15:30:30+01:00"),
        ("in 1 hour and 30 min", "2026-11-25T16:30:30+01:00"),
        ("in 2 days 3 hours", "2026-11-27T18:00:30+01:00"),
        ("in 2 weeks", "2026-12-09T15:00:30+01:00"),
    ],
)
def test_it_reads_the_forms_that_people_use(text: str, meant: str) -> None:
    told = moment(text, now=NOW, zone=PARIS)
    assert told.at.isoformat() == datetime.fromisoformat(meant).astimezone(PARIS).isoformat()
    assert told.note == ""


@pytest.mark.parametrize(
    "text",
    ["", "soon", "9", "tomorrow", "Friday", "next Friday 18:00", "2026-11-28", "25:00", "18:60", "13 pm", "0 am",
     "in", "in minutes", "in -5 minutes", "in 5", "18:00 or so", "32 Novembers 18:00", "mon", "x" * 5000,
     "tomorrow tomorrow 9:00", "in ٣ days", "18：00"],
)  # fmt: skip
def test_what_is_no_form_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="write it like") as refused:
        moment(text, now=NOW, zone=PARIS)
    assert FORMS in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-25 14:00", "is past: it is Wednesday 2026-11-25 15:00 now"),
        ("today 9:00", "is past"),
        ("2020-01-01T00:00Z", "is past"),
        ("in 0 minutes", "is past"),
        ("2099-01-01 00:00", "too far away"),
        ("in 9999 weeks", "too far away"),
        ("2026-02-30 18:00", "no 2026-02-30 in the calendar"),
        ("31 November 18:00", "there is no 31 november"),
        ("2027-03-28 02:30", "clocks are set forward over it; the first time after it is 03:00"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        moment(text, now=NOW, zone=PARIS)


def test_a_time_that_comes_twice_is_the_first_and_says_so() -> None:
    told = moment("2027-10-31 02:30", now=NOW, zone=PARIS)
    assert told.at.isoformat() == "2027-10-31T02:30:00+02:00"
    assert "comes twice" in told.note
    exact = moment("2027-10-31T02:30+01:00", now=NOW, zone=PARIS)
    assert exact.at.astimezone(UTC) - told.at.astimezone(UTC) == timedelta(hours=1)
    assert exact.note == ""


def test_a_time_that_clocks_jumped_over_earlier_today_is_tomorrows() -> None:
    after_the_jump = datetime(2027, 3, 28, 10, 0, tzinfo=UTC)
    assert moment("2:30", now=after_the_jump, zone=PARIS).at.isoformat() == "2027-03-29T02:30:00+02:00"


def test_days_are_the_calendars_and_hours_are_as_they_pass() -> None:
    evening = datetime(2027, 3, 27, 20, 0, tzinfo=UTC)  # 21:00, the night before clocks are set forward
    assert moment("in 1 day", now=evening, zone=PARIS).at.isoformat() == "2027-03-28T21:00:00+02:00"
    assert moment("in 24 hours", now=evening, zone=PARIS).at.isoformat() == "2027-03-28T22:00:00+02:00"


@settings(max_examples=600, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.lists(words, max_size=7).map(" ".join)), now=moments, zone=zones)
def test_whatever_is_written_is_a_moment_to_come_or_a_reason(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        told = moment(text, now=now, zone=zone)
    except ValueError:
        pass
    else:
        assert now < told.at.astimezone(UTC) <= now + FURTHEST
        assert told.at.utcoffset() == told.at.astimezone(UTC).astimezone(zone).utcoffset()


@settings(max_examples=300, deadline=None)
@given(now=moments, ahead=st.integers(60, 4 * 366 * 86400), zone=zones)
def test_a_moment_written_with_its_offset_is_read_as_itself(now: datetime, ahead: int, zone: ZoneInfo) -> None:
    coming = (now + timedelta(seconds=ahead)).replace(microsecond=0).astimezone(zone)
    offset = coming.utcoffset()
    if offset is None or offset.seconds % 60:
        return
    assert moment(coming.isoformat(), now=now, zone=zone).at == coming


@settings(max_examples=300, deadline=None)
@given(now=moments, ahead=st.integers(86400, 4 * 366 * 86400), zone=zones)
def test_a_moment_written_as_clocks_show_it_is_the_first_that_shows_it(
    now: datetime, ahead: int, zone: ZoneInfo
) -> None:
    coming = (now + timedelta(seconds=ahead)).replace(microsecond=0).astimezone(zone)
    told = moment(coming.strftime("%Y-%m-%d %H:%M:%S"), now=now, zone=zone)
    assert told.at.replace(tzinfo=None) == coming.replace(tzinfo=None)
    first, second = told.at.astimezone(UTC), coming.astimezone(UTC)
    assert first == second or (first < second and told.note)

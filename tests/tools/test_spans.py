"""When people say yesterday, it is their yesterday."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.spans import span

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 0, 30, tzinfo=PARIS).astimezone(UTC)  # a Wednesday; in London it is Tuesday still


def in_paris(words: str, now: datetime = NOW) -> tuple[str, str]:
    first, end = span(words, now=now, zone=PARIS)
    return tuple(f"{each.astimezone(PARIS):%Y-%m-%d %H:%M}" for each in (first, end))  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize(
    ("words", "first", "end"),
    [
        ("today", "2026-11-25 00:00", "2026-11-26 00:00"),
        ("Yesterday", "2026-11-24 00:00", "2026-11-25 00:00"),
        ("the day before yesterday", "2026-11-23 00:00", "2026-11-24 00:00"),
        ("this week", "2026-11-23 00:00", "2026-11-30 00:00"),
        ("last  week", "2026-11-16 00:00", "2026-11-23 00:00"),
        ("last month", "2026-10-01 00:00", "2026-11-01 00:00"),
        ("this year", "2026-01-01 00:00", "2027-01-01 00:00"),
        ("last year", "2025-01-01 00:00", "2026-01-01 00:00"),
        ("monday", "2026-11-23 00:00", "2026-11-24 00:00"),
        ("last wednesday", "2026-11-18 00:00", "2026-11-19 00:00"),
        ("2026-03-29", "2026-03-29 00:00", "2026-03-30 00:00"),
        ("2024-02", "2024-02-01 00:00", "2024-03-01 00:00"),
        ("2025", "2025-01-01 00:00", "2026-01-01 00:00"),
        ("2026-11-24 18:00", "2026-11-24 18:00", "2026-11-24 18:00"),
        ("2026-11-24T9:05", "2026-11-24 09:05", "2026-11-24 09:05"),
        ("2026-11-24T18:00Z", "2026-11-24 19:00", "2026-11-24 19:00"),
        ("3 days ago", "2026-11-22 00:30", "2026-11-22 00:30"),
        ("an hour ago", "2026-11-24 23:30", "2026-11-24 23:30"),
        ("2h", "2026-11-24 22:30", "2026-11-24 22:30"),
        ("now", "2026-11-25 00:30", "2026-11-25 00:30"),
    ],
)
def test_a_stretch_of_time_is_taken_in_the_zone_of_the_community(words: str, first: str, end: str) -> None:
    assert in_paris(words) == (first, end)


def test_a_month_ago_is_the_last_day_of_a_shorter_month() -> None:
    assert in_paris("1 month ago", datetime(2026, 3, 31, 12, tzinfo=UTC))[0].startswith("2026-02-28")


def test_a_day_on_which_clocks_are_set_forward_is_shorter() -> None:
    first, end = span("2026-03-29", now=NOW, zone=PARIS)
    assert end - first == timedelta(hours=23)


@pytest.mark.parametrize(
    "words", ["", "soon", "2026-13-01", "2026-02-30", "99999 years ago", "0000", "24:00", "x" * 500]
)
def test_what_is_no_time_is_told_with_the_forms_that_there_are(words: str) -> None:
    with pytest.raises(ValueError, match="is no time; write it like 2026-11-28"):
        span(words, now=NOW, zone=PARIS)


@given(st.text(max_size=40))
def test_nothing_else_than_that_is_ever_raised(words: str) -> None:
    with suppress(ValueError):
        first, end = span(words, now=NOW, zone=PARIS)
        assert first <= end

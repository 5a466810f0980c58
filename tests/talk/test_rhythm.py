"""When something is to come again, as people write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.cron import cron
from bot.talk.recurrence import WEEKDAYS, Every, EveryDays, Monthly, OnDays, Recurrence
from bot.talk.rhythm import FORMS, rhythm

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 27, 8, 40, tzinfo=UTC)  # a Friday, 9:40 in Paris
NINE = time(9)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("weekdays at 9", OnDays(at=NINE, days=WEEKDAYS)),
        ("Weekdays at 9:00", OnDays(at=NINE, days=WEEKDAYS)),
        ("at 9 on weekdays", OnDays(at=NINE, days=WEEKDAYS)),
        ("9 am, weekdays", OnDays(at=NINE, days=WEEKDAYS)),
        ("weekdays 9:00", OnDays(at=NINE, days=WEEKDAYS)),
        ("every day at 18:30", OnDays(at=time(18, 30))),
        ("daily at noon", OnDays(at=time(12))),
        ("Monday and Thursday at 9", OnDays(at=NINE, days=frozenset({0, 3}))),
        ("every Friday at 5pm", OnDays(at=time(17), days=frozenset({4}))),
        ("weekly at 9", OnDays(at=NINE, days=frozenset({5}))),  # 9 is past today
        ("weekly at 10", OnDays(at=time(10), days=frozenset({4}))),
        ("monthly on 1 at 9", Monthly(at=NINE, day=1)),
        ("monthly on the last day at 9", Monthly(at=NINE, day=31)),
        ("every 2 weeks at 10", EveryDays(at=time(10), days=14, since=date(2026, 11, 27))),
        ("hourly", Every(minutes=60, since=datetime(2026, 11, 27, 10, tzinfo=PARIS))),
        ("every 6 hours", Every(minutes=360, since=datetime(2026, 11, 27, 10, tzinfo=PARIS))),
        ("30 9 * * 1-5", cron("30 9 * * 1-5")),
        ("@daily", cron("@daily")),
    ],
)
def test_it_reads_plain_words_and_cron_lines(text: str, meant: Recurrence) -> None:
    assert rhythm(text, now=NOW, zone=PARIS) == meant


@pytest.mark.parametrize(
    "text",
    ["", "  ", "often", "daily", "once at 9", "tomorrow at 9", "weekdays at 25", "monthly on 15", "9", "x" * 500],
)
def test_what_it_cannot_read_is_refused_with_what_it_can(text: str) -> None:
    with pytest.raises(ValueError, match="write it like") as refused:
        rhythm(text, now=NOW, zone=PARIS)
    assert FORMS in str(refused.value)


def test_reasons_of_a_range_and_of_a_cron_line_are_told() -> None:
    with pytest.raises(ValueError, match="1 to 52 weeks"):
        rhythm("every 99 weeks at 9", now=NOW, zone=PARIS)
    with pytest.raises(ValueError, match="too often"):
        rhythm("* * * * *", now=NOW, zone=PARIS)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"(at )?[0-9]{1,2}(:[0-9]{2})?( on)? [a-z ]{1,9}( at [0-9:]{1,5})?"))
def test_whatever_is_written_becomes_a_rhythm_or_is_refused(text: str) -> None:
    try:
        found = rhythm(text, now=NOW, zone=PARIS)
    except ValueError:
        return
    assert found.next_after(NOW, PARIS) is not None

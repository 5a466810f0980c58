"""How often something comes again, as people write it."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.recurrence import WEEKDAYS, Every, EveryDays, Monthly, Once, OnDays, Recurrence
from bot.talk.repeats import FORMS, recurrence

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 27, 18, 0, tzinfo=PARIS)
SIX = time(18)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Once(at=FRIDAY)),
        ("once", Once(at=FRIDAY)),
        ("Daily", OnDays(at=SIX)),
        ("every 1 day", OnDays(at=SIX)),
        ("weekdays", OnDays(at=SIX, days=WEEKDAYS)),
        ("weekly", OnDays(at=SIX, days=frozenset({4}))),
        ("weekly on Monday and Thu", OnDays(at=SIX, days=frozenset({0, 3}))),
        ("every Sunday", OnDays(at=SIX, days=frozenset({6}))),
        ("Mondays, Tuesdays & Saturdays", OnDays(at=SIX, days=frozenset({0, 1, 5}))),
        ("monthly", Monthly(at=SIX, day=27)),
        ("monthly on the 31st", Monthly(at=SIX, day=31)),
        ("every month on day 1", Monthly(at=SIX, day=1)),
        ("monthly on the last day", Monthly(at=SIX, day=31)),
        ("hourly", Every(minutes=60, since=FRIDAY)),
        ("every 6 hours", Every(minutes=360, since=FRIDAY)),
        ("every 3 days", EveryDays(at=SIX, days=3, since=date(2026, 11, 27))),
        ("every 2 weeks", EveryDays(at=SIX, days=14, since=date(2026, 11, 27))),
    ],
)
def test_it_reads_the_forms_that_people_use(text: str, meant: Recurrence) -> None:
    assert recurrence(text, FRIDAY) == meant


@pytest.mark.parametrize(
    "text", ["often", "every", "every 5 minutes", "weekly on", "on Monday or so", "yearly", "x" * 99]
)
def test_what_is_no_form_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="write it like") as refused:
        recurrence(text, FRIDAY)
    assert FORMS in str(refused.value)


@pytest.mark.parametrize("text", ["every 0 days", "every 9999 hours", "monthly on 32", "monthly on 0"])
def test_what_is_out_of_range_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(ValueError, match="1 to"):
        recurrence(text, FRIDAY)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="every mondaysthlcunif 0123456789,&on", max_size=40))
def test_whatever_is_written_begins_no_earlier_than_its_first_moment_or_is_refused(text: str) -> None:
    try:
        found = recurrence(text, FRIDAY)
    except ValueError:
        return
    assert found.next_after(FRIDAY, PARIS) is None or found.next_after(FRIDAY, PARIS) > FRIDAY  # type: ignore[operator]

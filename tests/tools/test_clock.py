"""The clock knows zones and summer time, reads the names that people use, and says what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.asking import context
from tools.clock import clock
from tools.zones import find

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


async def test_it_tells_the_communitys_time_and_that_it_is_summer_time() -> None:
    told = await clock(context(datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)))
    assert told == "Wednesday 2026-07-01 14:00:05 CEST (UTC+02:00, summer time) in Europe/Paris"


async def test_it_tells_the_time_elsewhere_where_another_day_may_have_begun() -> None:
    told = await clock(context(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)), zone="Asia/Tokyo")
    assert told == "Tuesday 2026-11-24 03:00 JST (UTC+09:00) in Asia/Tokyo"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("asia/tokyo", "Asia/Tokyo"),
        ("Tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("San Francisco", "America/Los_Angeles"),
        ("Mumbai", "Asia/Kolkata"),
        ("Louisville", "America/Kentucky/Louisville"),
        ("Japan", "Japan"),
        ("France", "Europe/Paris"),
        ("utc", "UTC"),
        ("UTC+2", "UTC+02:00"),
        ("gmt-5:30", "UTC-05:30"),
        ("+0545", "UTC+05:45"),
    ],
)
def test_a_zone_goes_by_its_name_its_city_its_country_or_its_offset(name: str, zone: str) -> None:
    assert find(name)[0] == zone


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PST", "America/Los_Angeles or Asia/Manila"),
        ("ist", "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem"),
        ("Tokio", "did you mean Asia/Tokyo?"),
        ("Europ/Berlin", "Europe/Berlin"),
        ("Spain", "there are several zones of 'Spain': write Europe/Madrid"),
        ("Mars/Olympus", "use an IANA name like Europe/Paris, a large city, or UTC+2"),
        ("../etc/passwd", "use an IANA name"),
        ("/etc/passwd", "use an IANA name"),
        ("\0", "use an IANA name"),
        ("UTC+99", "offsets go up to 14 hours"),
        ("x" * 64, "use an IANA name"),
    ],
)
async def test_what_names_no_zone_or_several_is_an_error_with_what_may_be_meant(name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        await clock(context(), zone=name)
    assert meant in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"at": "18:00", "given_in": "Tokyo"},
            "Taken for 2026-11-28, today in Asia/Tokyo. Saturday 2026-11-28 18:00 JST (UTC+09:00) in Asia/Tokyo is "
            "Saturday 2026-11-28 10:00 CET (UTC+01:00) in Europe/Paris",
        ),
        (
            {"at": "2026-07-01 6:30 pm", "zone": "Tokyo"},
            "Wednesday 2026-07-01 18:30 CEST (UTC+02:00, summer time) in Europe/Paris is "
            "Thursday 2026-07-02 01:30 JST (UTC+09:00) in Asia/Tokyo",
        ),
        (
            {"at": "2026-07-01T12 am"},
            "Wednesday 2026-07-01 00:00 CEST (UTC+02:00, summer time) in Europe/Paris",
        ),
        (
            {"at": "2026-11-01 01:30", "given_in": "New York", "zone": "UTC"},
            "01:30 comes twice on 2026-11-01 in America/New_York, where clocks are set back. First: "
            "Sunday 2026-11-01 01:30 EDT (UTC-04:00, summer time) in America/New_York is "
            "Sunday 2026-11-01 05:30 UTC (UTC+00:00) in UTC. Then: "
            "Sunday 2026-11-01 01:30 EST (UTC-05:00) in America/New_York is "
            "Sunday 2026-11-01 06:30 UTC (UTC+00:00) in UTC.",
        ),
        (
            {"at": "2026-03-29 02:30"},
            "02:30 does not exist on 2026-03-29 in Europe/Paris: clocks are set forward over it. What is meant may be: "
            "Sunday 2026-03-29 03:30 CEST (UTC+02:00, summer time) in Europe/Paris.",
        ),
    ],
)
async def test_a_time_in_one_zone_is_told_in_another_with_what_clocks_do_there(
    asked: dict[str, str], told: str
) -> None:
    assert await clock(context(NOON), **asked) == told


@pytest.mark.parametrize(
    "at", ["25:00", "6", "18:60", "13 pm", "2026-02-30 12:00", "0001-01-01 00:00", "tomorrow", "𝟙𝟠:𝟘"]
)
async def test_what_is_no_time_is_an_error_that_says_how_times_are_written(at: str) -> None:
    with pytest.raises(ValueError, match=r"write it like 18:00|the year 2"):
        await clock(context(NOON), at=at)


async def test_a_zone_for_a_time_that_was_not_given_is_an_error() -> None:
    with pytest.raises(ValueError, match="for the time now give only zone"):
        await clock(context(NOON), given_in="Tokyo")


@given(st.datetimes(datetime(1980, 1, 1), datetime(2036, 1, 1)), st.sampled_from(["Europe/Paris", "America/New_York"]))
@settings(max_examples=60)
async def test_any_hour_of_any_day_is_told_whatever_clocks_do_in_it(wall: datetime, zone: str) -> None:
    told = await clock(context(NOON), at=f"{wall:%Y-%m-%d %H:%M}", given_in=zone, zone="UTC")
    assert f"{wall:%Y-%m-%d %H:%M}" in told or "does not exist" in told

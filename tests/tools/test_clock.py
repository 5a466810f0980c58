"""The clock knows zones and summer time, and says what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.talk.message import Conversation, Person, Place
from bot.talk.tool import CallContext
from tools.clock import clock


def context(now: datetime) -> CallContext:
    return CallContext(
        asker=Person(platform="local", id="ana", name="Ana"),
        conversation=Conversation(place=Place(platform="local", id="general")),
        now=now,
        timezone="Europe/Paris",
    )


async def test_it_tells_the_communitys_time_and_that_it_is_summer_time() -> None:
    told = await clock(context(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)))
    assert told == "Wednesday 2026-07-01 14:00:00 CEST (UTC+0200, summer time) in Europe/Paris"


async def test_it_tells_the_time_elsewhere() -> None:
    told = await clock(context(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)), zone="Asia/Tokyo")
    assert told.startswith("Tuesday 2026-11-24 03:00:00")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "/etc/passwd", "\0"])
async def test_an_unknown_zone_is_an_error_that_says_what_would_be_right(zone: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        await clock(context(datetime(2026, 7, 1, tzinfo=UTC)), zone=zone)

"""Every night what is older than its place's days goes; a night that was missed is caught up at the next start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.plans import RETENTION
from bot.settings import Community, Settings
from bot.talk.event import Said
from bot.talk.message import Place
from tests.fakes import FakeClock, said
from tests.plans.port import Port, Reminders
from tests.rig import rig
from tests.test_hear import answered, holds


@asynccontextmanager
async def running(folder: Path, clock: FakeClock, *, timezone: str = "UTC") -> AsyncGenerator[Port]:
    """The house with its own plans, as the program runs them."""
    settings = Settings(community=Community(timezone=timezone))
    async with rig(folder, settings=settings, clock=clock) as house:
        task = asyncio.create_task(house.plans.run())
        try:
            place = Port(house, house.plans, Reminders())
            await place.passes(3)
            yield place
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def nights(place: Port) -> list[str]:
    """The nights that were tidied up, in UTC, the latest first."""
    records = await place.house.store.run_records(RETENTION, limit=99)
    return [f"{record.at:%d %H:%M}" for record in records]


async def test_what_is_older_than_its_places_days_goes_at_night(tmp_path: Path) -> None:
    other, clock = Place(platform="local", id="other", name="other"), FakeClock()
    async with running(tmp_path, clock) as place:
        house = place.house
        await house.commands("keep", when="mentioned", days="5", moderator=True)
        await answered(house, Said(message=said("a swordfish?")))
        await answered(house, Said(message=said("a dolphin?", place=other)))
        clock.jump(timedelta(days=4, hours=12).total_seconds())
        await place.passes(63)
        assert holds(tmp_path, "swordfish")
        clock.jump(timedelta(days=1).total_seconds())
        await place.passes(63)
        while len(await nights(place)) < 2:  # old copies are deleted in a thread of their own
            await place.passes(1)
        assert await nights(place) == ["29 04:30", "28 04:30"]
    assert not holds(tmp_path, "swordfish")
    assert holds(tmp_path, "dolphin")


async def test_a_missed_night_is_caught_up_once_and_not_at_every_start(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running(tmp_path, clock) as place:
        assert await nights(place) == []
    clock.jump(timedelta(days=3).total_seconds())
    for _ in range(2):
        async with running(tmp_path, clock) as place:
            assert await nights(place) == ["26 04:30"]
    clock.jump(timedelta(hours=11).total_seconds())
    async with running(tmp_path, clock) as place:
        assert await nights(place) == ["27 04:30", "26 04:30"]


async def test_night_is_where_the_community_is_also_when_it_moves(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running(tmp_path, clock, timezone="Asia/Tokyo") as place:
        clock.jump(timedelta(hours=2).total_seconds())
        await place.passes(63)
        assert await nights(place) == ["23 19:30"]
    async with running(tmp_path, clock, timezone="Europe/Paris") as place:
        clock.jump(timedelta(hours=8).total_seconds())
        await place.passes(63)
        assert await nights(place) == ["24 03:30", "23 19:30"]

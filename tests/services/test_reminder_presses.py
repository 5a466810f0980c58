"""Buttons under a reminder: told again, stopped, and what of it is kept for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.talk.message import Place
from tests.fakes import ANA, BEN, FakeClock, FakePlatform
from tests.services.reminded import quay

ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")
DAY = 86400


async def test_a_press_has_it_told_again_after_ten_minutes_once_also_after_a_restart(tmp_path: Path) -> None:
    clock, platform = FakeClock(), FakePlatform()
    async with quay(tmp_path, clock=clock, platform=platform) as place:
        await place.remind("tea", "in 20 minutes")
        await place.passes(1300)
        (again,) = place.reminders()[0].actions
    async with quay(tmp_path, clock=clock, platform=platform) as place:
        assert "or a moderator" in await place.house.presses(again.id, by=BEN)
        assert "or a moderator" in await place.house.presses(again.id, by=BEN, place=ELSEWHERE, moderator=True)
        told = await place.house.presses(again.id)
        assert told.startswith("I will remind you again at 19:3")
        assert await place.house.presses(again.id) == told
        await place.passes(660)
        assert [each.text.partition("> ")[2] for each in place.reminders()] == ["tea", "tea"]
        assert "already" in await place.house.presses(again.id)
        (further,) = place.reminders()[1].actions
        assert further.id != again.id
        assert "again at" in await place.house.presses(further.id, by=BEN, moderator=True)
        await place.passes(660)
        assert len(place.reminders()) == 3


async def test_the_words_of_a_reminder_that_was_told_are_kept_for_a_day_and_not_longer(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        await place.remind("tea", "in 20 minutes")
        await place.passes(1300)
        (again,) = place.reminders()[0].actions
        await place.passes(DAY + 60)
        assert "is over" in await place.house.presses(again.id)
        assert await place.house.store.plans(owner=ANA.key, limit=9) == ()


async def test_a_repeating_reminder_is_stopped_by_a_press(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        await place.remind("tea", "in 20 minutes", "every 2 hours")
        await place.passes(1300)
        _, stop = place.reminders()[0].actions
        assert "or a moderator" in await place.house.presses(stop.id, by=BEN)
        assert await place.house.presses(stop.id) == "It will not come again."
        assert "is over" in await place.house.presses(stop.id)
        await place.passes(DAY)
        assert len(place.reminders()) == 1


@pytest.mark.parametrize("action", ["remind-again", "remind-again:", "remind-stop:x", "remind-again:a:b:c"])
async def test_a_press_of_what_never_was_is_answered_as_one_of_what_is_over(tmp_path: Path, action: str) -> None:
    async with quay(tmp_path) as place:
        assert "is over" in await place.house.presses(action)

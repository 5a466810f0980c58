"""People choose the zone of their clocks, and without one the community's counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import ANA, BEN
from tests.services.reminded import quay


async def test_a_chosen_zone_is_shown_back_with_its_time_and_counts_for_reminders_set_from_then_on(
    tmp_path: Path,
) -> None:
    async with quay(tmp_path) as place:
        before = await place.remind("old", "tomorrow 9:00")
        assert await place.house.commands("timezone", zone="tokyo") == (
            "Your time zone is Asia/Tokyo, where it is 2026-11-24 03:00."
        )
        told = await place.calls("remind", text="new", when="tomorrow 9:00")
        assert "Wednesday 2026-11-25 09:00 in Asia/Tokyo" in told
        assert "community" not in told
        listed = await place.house.commands("reminders")
        assert f"`{before}` 2026-11-24 09:00 Europe/Paris: old" in listed
        assert "2026-11-25 09:00 Asia/Tokyo: new" in listed


async def test_one_persons_zone_is_not_anothers(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        await place.house.commands("timezone", by=ANA, zone="Asia/Tokyo")
        told = await place.house.commands("timezone", by=BEN)
        assert told == (
            "You have chosen no time zone, so this community's counts: Europe/Paris, where it is 2026-11-23 19:00."
        )


async def test_a_zone_can_be_given_back(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        await place.house.commands("timezone", zone="Asia/Tokyo")
        assert "Europe/Paris" in await place.house.commands("timezone", zone="default")
        assert await place.house.store.timezone(ANA.key) is None


@pytest.mark.parametrize("zone", ["Atlantis", "UTC+2", "../etc/passwd"])
async def test_what_is_no_zone_with_a_name_changes_nothing_and_is_told(tmp_path: Path, zone: str) -> None:
    async with quay(tmp_path) as place:
        told = await place.house.commands("timezone", zone=zone)
        assert told == "I do not know that time zone; a large city or a name like Europe/Paris will do."
        assert await place.house.store.timezone(ANA.key) is None


async def test_people_list_and_cancel_all_of_theirs_without_the_model(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        number = await place.remind("tea *now*", "20:00", "weekdays")
        assert await place.house.commands("reminders") == (
            f"Your reminder:\n`{number}` 2026-11-23 20:00 Europe/Paris, on weekdays: tea \\*now\\*"
        )
        for wrong in ("", "abc", "9999999999", "-1", "٣", str(number % 99 + 1)):
            assert "no reminder of that number" in await place.house.commands("reminder-cancel", number=wrong)
        assert await place.house.commands("reminder-cancel", number=f"#{number}") == f"Reminder {number} is cancelled."
        assert await place.house.commands("reminders") == "You have no reminders."

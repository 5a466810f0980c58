"""What somebody changes of a scheduled digest undoes nothing that happens in the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.talk.message import Place
from tests.digest.planned import newsroom
from tests.rights import FakeRights


async def test_what_a_run_tells_while_somebody_pauses_it_is_not_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay", "every day at 20")
        room.says("once")
        asks, until = room.rights.moderates, room.until

        async def meanwhile(_rights: FakeRights, person: str, place: Place) -> bool:
            monkeypatch.undo()
            await until(20)
            return await asks(person, place)

        monkeypatch.setattr(FakeRights, "moderates", meanwhile)
        assert "waits" in await room.uses("pause", number=number)
        assert len(room.posted()) == 1
        await room.uses("resume", number=number)
        room.says("later")
        await room.until(20, days=1)
        assert [each.splitlines()[2:] for each in room.posted()] == [["- once"], ["- later"]]


async def test_what_is_removed_while_somebody_pauses_it_stays_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay", "every day at 20")
        (plan,) = await room.house.store.plans(kind="digest", limit=2)

        async def meanwhile(_rights: FakeRights, _person: str, _place: Place) -> bool:
            await room.house.store.remove_plan(plan.id)
            return True

        monkeypatch.setattr(FakeRights, "moderates", meanwhile)
        assert "no digest of that number" in await room.uses("pause", number=number)
        assert await room.house.store.plans(kind="digest", limit=2) == ()

"""What became of threads while we were away is carried over afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.talk.event import CaughtUp
from bot.talk.message import Place
from bot.talk.shape import Part, Shape
from tests.fakes import ANA, START
from tests.mirror.scene import EN, JA, Scene, scene
from tests.mirror.test_shapes import beside, of
from tests.mirror.test_threads import thread
from tests.settling import settle

SINCE = START - timedelta(hours=1)


async def is_back(at: Scene) -> None:
    await at.rig.hearing.hear(CaughtUp(platform="local", since=SINCE))
    await settle()


async def test_what_was_changed_while_we_were_away_is_carried_over_afterwards(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.now[here.id] = here, Shape(title="A new leak", opener=ANA.key)
        await at.rig.hearing.hear(CaughtUp(platform="local"))
        await settle()
        assert of(at, there).title == "eo:A new leak"
        assert at.shapes.looked == []


async def test_a_thread_that_was_renamed_locked_and_archived_while_we_were_away_is_followed_once(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.now[here.id] = here, replace(of(at, here), title="A new leak", locked=True, archived=True)
        for _ in range(2):
            await is_back(at)
            await at.rig.passes(30)
            await at.echoes()
        assert of(at, there) == Shape(title="eo:A new leak", locked=True, archived=True, ours=True)
        assert len(at.shapes.asked) == 1
        assert set(at.shapes.looked) == {(EN.id, SINCE), (JA.id, SINCE)}


async def test_what_could_not_be_looked_up_is_looked_up_later_from_the_first_moment_on(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.now[here.id] = here, replace(of(at, here), archived=True)
        at.shapes.away = True
        await is_back(at)
        await at.rig.hearing.hear(CaughtUp(platform="local", since=SINCE + timedelta(hours=1)))
        await settle()
        assert at.shapes.asked == []
        at.shapes.away = False
        at.shapes.looked.clear()
        await at.rig.passes(60)
        assert at.shapes.asked == [(there.id, {Part.ARCHIVED: True})]
        assert set(at.shapes.looked) == {(EN.id, SINCE), (JA.id, SINCE)}
        at.shapes.looked.clear()
        await at.rig.hearing.hear(CaughtUp(platform="local"))
        await settle()
        assert at.shapes.looked == []


async def test_a_thread_that_is_opened_while_archived_ones_are_looked_up_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        await at.reshapes(here, archived=True)
        await at.echoes()
        looked = at.shapes.archived

        async def archived(channel: Place, *, since: datetime) -> Mapping[Place, Shape]:
            found = await looked(channel, since=since)
            if channel == EN:
                await at.reshapes(here, archived=False)
            return found

        monkeypatch.setattr(at.shapes, "archived", archived)
        await is_back(at)
        await at.echoes()
        assert not of(at, here).archived
        assert not of(at, there).archived


async def test_where_no_channels_are_linked_nobody_is_asked_for_threads(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.shapes.now["77"] = thread(EN, "77"), Shape(title="A leak", archived=True)
        await is_back(at)
        assert at.shapes.looked == []
        assert await at.rig.store.missed_threads("local") is None

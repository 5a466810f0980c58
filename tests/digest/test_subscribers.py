"""Digests that come to whoever wants them, each alone: what they can read, and only while they want it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.digest.readers import AT_ONCE, readers
from bot.talk.message import Conversation
from bot.talk.plan import NotYet
from tests.digest.planned import CARA, OFFICE, QUAY, YARD, Maker, newsroom, rights
from tests.fakes import ANA, BEN, START
from tests.rights import FakeRights


async def test_one_for_more_readers_than_a_slice_is_enough_for_goes_on_with_the_next_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digest.composing.SLICE_SECONDS", 1.0)
    maker = Maker()
    async with newsroom(tmp_path, maker=maker) as room:
        number = await room.creates("quay, office", "every day at 20", where="subscribers")
        for person in (ANA, CARA):
            await room.uses("subscribe", by=person, moderator=False, number=number)
        room.says("hello")
        maker.lasting = asyncio.Event()
        await room.until(20)
        maker.lasting = None
        assert await room.due() == ["done"]
        assert [len(room.told(each)) for each in (ANA, CARA)] == [1, 1]
        wide, narrow, again = (len(each.rooms) for each in maker.orders)
        assert (wide, narrow, again) == (2, 1, 1)


async def test_each_subscriber_is_sent_what_they_can_read_and_the_stages_are_shared(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay, office", "every day at 20", where="subscribers")
        for person in (ANA, BEN, CARA):
            told = await room.uses("subscribe", by=person, moderator=False, number=number)
            assert told.startswith(f"You will be sent digest {number}")
        room.says("for all")
        room.says("for the office", place=OFFICE)
        await room.until(20)
        both = "**Digest: #quay, #office**\n2 from 22 20:00 to 23 20:00\n- for all\n- for the office"
        assert room.told(ANA) == room.told(BEN) == [both]
        assert room.told(CARA) == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- for all"]
        assert len(room.maker.orders) == 2
        await room.uses("unsubscribe", by=BEN, moderator=False, number=number)
        room.says("again")
        await room.until(20, days=1)
        assert [len(room.told(each)) for each in (ANA, BEN, CARA)] == [2, 1, 2]


async def test_a_subscriber_who_may_read_nothing_of_it_any_more_is_sent_nothing(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("office", "every day at 20", where="subscribers")
        await room.uses("subscribe", by=BEN, moderator=False, number=number)
        allowed.readers = {**allowed.readers, OFFICE.room: {ANA.key}}
        room.says("for the office", place=OFFICE)
        await room.until(20)
        assert room.told(BEN) == []
        assert room.maker.orders == []


async def test_a_server_of_which_nothing_is_known_yet_has_lost_no_places(tmp_path: Path) -> None:
    """As just after a start, while Discord has not told of it."""
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("yard", "every day at 20", where="subscribers")
        await room.uses("subscribe", by=BEN, moderator=False, number=number)
        room.says("hello", place=YARD)
        allowed.unknown, allowed.gone = True, (YARD.id,)
        await room.until(20)
        assert room.told(ANA) == []
        allowed.unknown, allowed.gone = False, ()
        room.house.clock.jump(60)
        assert await room.due() == ["done"]
        assert room.told(BEN) == ["**Digest: #yard**\n1 from 22 20:00 to 23 20:00\n- hello"]


async def test_who_wants_none_any_more_while_it_is_made_is_sent_none(tmp_path: Path) -> None:
    maker = Maker(gate=asyncio.Event())
    assert maker.gate is not None
    async with newsroom(tmp_path, maker=maker) as room:
        number = await room.creates("quay", "every day at 20", where="subscribers")
        for person in (BEN, CARA):
            await room.uses("subscribe", by=person, moderator=False, number=number)
        room.says("hello")
        making = asyncio.create_task(room.until(20))
        await maker.asked.wait()
        await room.uses("unsubscribe", by=BEN, moderator=False, number=number)
        maker.gate.set()
        await making
        assert room.told(BEN) == []
        assert len(room.told(CARA)) == 1


async def test_who_cannot_be_asked_about_holds_up_nobody_and_is_sent_it_once_when_that_can_be(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay, office", "every day at 20", where="subscribers")
        for person in (ANA, BEN, CARA):
            await room.uses("subscribe", by=person, moderator=False, number=number)
        room.says("for all")
        allowed.unreachable = {CARA.key}
        await room.until(20)
        assert [len(room.told(each)) for each in (ANA, BEN, CARA)] == [1, 1, 0]
        room.says("later", at=START.replace(hour=19))
        allowed.unreachable = set()
        room.house.clock.jump(60)
        assert await room.due() == ["done"]
        assert room.told(CARA) == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- for all"]
        await room.until(20, days=1)
        assert [text.splitlines()[2:] for text in room.told(CARA)] == [["- for all"], ["- later"]]


async def test_who_cannot_be_asked_about_for_a_day_or_wants_none_any_more_is_not_sent_it(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay", "monthly on 23 at 20", where="subscribers")
        for person in (ANA, BEN, CARA):
            await room.uses("subscribe", by=person, moderator=False, number=number)
        room.says("for all")
        allowed.unreachable = {BEN.key, CARA.key}
        await room.until(20)
        await room.uses("unsubscribe", by=BEN, moderator=False, number=number)
        allowed.unreachable = {CARA.key}
        room.house.clock.jump(60)
        assert sorted(await room.due()) == ["done", "waits"]
        allowed.unreachable = set()
        await room.until(21, days=1)
        assert [len(room.told(each)) for each in (ANA, BEN, CARA)] == [1, 0, 0]


async def test_thousands_are_asked_about_beside_each_other_within_a_bound_and_in_several_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.digest.readers.ASKING_SECONDS", 0.2)
    allowed, known = Slow(readers={QUAY.room: {f"local:{each}" for each in range(3000)}}), dict[str, frozenset[str]]()
    allowed.unreachable = {"local:7"}
    talks = [allowed.alone(f"local:{each}", QUAY) for each in range(3000)]
    waits: list[float] = []
    found, unreached = [], talks
    while not found:
        try:
            found, unreached = await readers(allowed, {QUAY.room}, talks, known)
        except NotYet as wait:
            waits.append(wait.seconds)
    assert (len(found), [each.only for each in unreached]) == (2999, ["local:7"])
    assert all(each.rooms == {QUAY.room} for each in found)
    assert (set(waits), allowed.most) == ({0}, AT_ONCE)
    assert allowed.asked <= 3000 + (len(waits) + 2) * AT_ONCE


@dataclass
class Slow(FakeRights):
    """Takes five milliseconds for each question; counts them, and those that were under way at one time."""

    asked: int = 0
    at_it: int = 0
    most: int = 0

    async def open_to(self, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
        self.asked, self.at_it = self.asked + 1, self.at_it + 1
        self.most = max(self.most, self.at_it)
        try:
            await asyncio.sleep(0.005)
            return await super().open_to(rooms, conversation)
        finally:
            self.at_it -= 1

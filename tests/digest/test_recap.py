"""What the model can be told of a while is what the asker and everyone who reads the answer may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.digest.recap import FURTHEST, NOT_THERE, READ, AskedRecap
from bot.ports.digests import Spoken
from bot.talk.digest import Digest, Made, Order
from bot.talk.message import Person, Place, PlaceKind
from tests.digest.demanding import POINT
from tests.fakes import ANA, BEN, GENERAL, START, FakeClock, said
from tests.rights import FakeRights

STAFF = Place(platform="local", id="staff", name="staff")
LOUNGE = Place(platform="local", id="lounge", name="lounge")
THREAD = Place(platform="local", id="boats", kind=PlaceKind.THREAD, name="boats", parent="general", open=True)
READERS = {GENERAL.key: [ANA.key, BEN.key], LOUNGE.key: [ANA.key, BEN.key], STAFF.key: [ANA.key]}


class Talk:
    """Somebody's last words, by person, and a message a minute since then."""

    def __init__(self, last: Mapping[str, datetime]) -> None:
        self.last = last

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        minutes = (order.period.until - order.period.since) / timedelta(minutes=1)
        return (Spoken(place=GENERAL, messages=int(minutes)),)

    async def last_said(self, person: str, place: Place, *, before: datetime) -> datetime | None:
        found = self.last.get(person)
        return found if found is not None and found < before else None


class Asked:
    def __init__(
        self, by: Person = ANA, place: Place = GENERAL, *, alone: bool = False, last: Mapping[str, datetime] = {}
    ) -> None:
        self.orders: list[Order] = []
        message = replace(said("what did I miss?", by=by, place=place), only=by.key if alone else None)
        rights = FakeRights(readers=READERS, places=(GENERAL, LOUNGE, STAFF, THREAD))
        self.recap = AskedRecap(
            Talk(last),  # pyright: ignore[reportArgumentType] # no more of it is asked
            rights,
            message,
            gathers=self.gathered,
            clock=FakeClock(),
        )

    async def gathered(self, order: Order) -> Digest:
        self.orders.append(order)
        return Digest(points=(POINT,), period=order.period, messages=3, people=2, made=Made.EXTRACTS)

    async def catch_up(self, where: str = "", since: datetime | None = None) -> Order:
        await self.recap.catch_up(where=where, since=since)
        return self.orders[-1]


async def test_here_is_the_place_it_was_asked_in_and_everywhere_what_all_who_read_the_answer_may_read() -> None:
    asked = Asked()
    assert (await asked.catch_up()).rooms == {GENERAL.room}
    assert (await asked.catch_up("everywhere")).rooms == {GENERAL.room, LOUNGE.room}
    assert (await Asked(alone=True).catch_up("everywhere")).rooms == set(READERS)


async def test_a_channel_by_name_only_where_it_may_be_read_and_what_may_not_sounds_like_what_is_not_there() -> None:
    asked = Asked()
    assert (await asked.catch_up("#lounge")).rooms == {LOUNGE.room}
    assert (await Asked(alone=True).catch_up("#staff")).rooms == {STAFF.room}
    for where in ("#staff", "#nowhere"):
        with pytest.raises(ValueError, match=NOT_THERE):
            await asked.catch_up(where)


async def test_a_thread_is_told_of_without_its_channel() -> None:
    order = await Asked().catch_up("boats")
    assert (order.rooms, order.places) == ({GENERAL.room}, {THREAD.key})
    order = await Asked(place=THREAD).catch_up()
    assert (order.rooms, order.places) == ({GENERAL.room}, {THREAD.key})


async def test_it_begins_with_the_asker_s_last_words_else_a_day_ago_and_never_longer_than_a_month() -> None:
    hour = timedelta(hours=1)
    assert (await Asked(last={ANA.key: START - 5 * hour}).catch_up()).period.since == START - 5 * hour
    assert (await Asked().catch_up()).period.since == START - 24 * hour
    begun = (await Asked().catch_up(since=START - timedelta(days=400))).period.since
    assert START - FURTHEST < begun < START
    with pytest.raises(ValueError, match="past"):
        await Asked().catch_up(since=START + hour)


async def test_of_very_much_only_the_end_is_looked_through() -> None:
    period = (await Asked().catch_up(since=START - timedelta(days=30))).period
    assert READ / 2 < (period.until - period.since) / timedelta(minutes=1) <= READ
    assert period.until == START


async def test_each_point_has_the_link_of_its_first_source_and_it_is_said_that_more_may_be_read_alone() -> None:
    recapped = await Asked().recap.catch_up()
    assert recapped.points == ((POINT, "https://chat.example/general/m1"),)
    assert recapped.privately
    assert not (await Asked(alone=True).recap.catch_up()).privately

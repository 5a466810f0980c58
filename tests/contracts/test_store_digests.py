"""Digests are made of what people said to all of a place, and what was made of it goes with any of its messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports.digests import Kept, Stage, reads
from bot.storage.stages import KEPT_FOR
from bot.storage.store import SqlStore
from bot.talk.digest import Order, Period, Point, Section, Source
from bot.talk.message import Addressed, Message, Person, Place, PlaceKind
from bot.talk.policy import Consent
from tests.contracts.scene import ROOM, after
from tests.contracts.secret import SECRET, quoting
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import CLEO, HARBOUR
from tests.storage.homes import Home

DAY = Period(since=START, until=START + timedelta(days=1))
OPEN = Place(platform="local", id="rope", kind=PlaceKind.THREAD, name="rope", parent=ROOM.id, open=True)
SHUT = replace(OPEN, id="crew", open=False)
ORDER = Order(platform="local", rooms=frozenset({ROOM.key, HARBOUR.key}), period=DAY)

Way = Callable[[SqlStore, Message], Awaitable[object]]


async def wrote(store: SqlStore, text: str = "hi", *, by: Person = BEN, place: Place = ROOM, at: float = 0) -> Message:
    message = said(text, by=by, place=place, addressed=Addressed.NO, at=after(at))
    assert await store.record(message, keep=True)
    return message


async def read(store: SqlStore, place: Place = ROOM, *, limit: int = 500) -> list[Kept]:
    found: list[Kept] = []
    while page := await store.said(place, DAY, after=found[-1] if found else None, limit=limit):
        found += page
    return found


def stage(kept: list[Kept], *, text: str = SECRET, asked: str = "q") -> Stage:
    seqs = [each.seq for each in kept]
    first = kept[0].message
    return Stage(
        place=first.place.key,
        first=seqs[0],
        last=seqs[-1],
        low=min(seqs),
        high=max(seqs),
        length=len(seqs),
        reads=reads(each.mark for each in kept),
        asked=asked,
        closed=True,
        points=(
            Point(
                section=Section.TODO,
                text=text,
                sources=(
                    Source(message=first.id, place=first.place, author_key=first.author.key, sent_at=first.sent_at),
                ),
            ),
        ),
    )


async def stages(store: SqlStore, place: Place = ROOM) -> tuple[Stage, ...]:
    return await store.stages(place, "q", DAY)


async def test_where_something_was_said_counts_what_may_be_told_of(store: SqlStore) -> None:
    await wrote(store)
    await wrote(store, at=5)
    await wrote(store, by=CLEO)
    await wrote(store, place=OPEN)
    await wrote(store, place=SHUT)
    await wrote(store, place=HARBOUR, at=-1)
    await wrote(store, place=HARBOUR, at=24 * 3600)
    await store.record(said("not kept", at=START), keep=False)
    await store.record(replace(said("to us alone", at=START), only=ANA.key), keep=True)
    await store.save_consent(CLEO.key, Consent(opted_out=True))
    assert {each.place.key: each.messages for each in await store.spoken(ORDER)} == {ROOM.key: 2, OPEN.key: 1}
    assert [each.place.key for each in await store.spoken(replace(ORDER, places=frozenset({OPEN.key})))] == [OPEN.key]
    assert len(await store.spoken(replace(ORDER, places=frozenset({ROOM.key})))) == 2
    assert await store.spoken(replace(ORDER, rooms=frozenset())) == ()


async def test_messages_come_page_by_page_in_the_order_in_which_they_were_sent(store: SqlStore) -> None:
    times = [3, 1, 1, 1, 2, 0, 1]
    messages = [await wrote(store, str(at), at=at) for at in times]
    found = [each.message for each in await read(store, limit=2)]
    assert found == sorted(messages, key=lambda each: each.sent_at)


async def test_sources_are_those_that_may_be_told_of_now(store: SqlStore) -> None:
    here, gone, silent = [await wrote(store, by=person) for person in (ANA, BEN, CLEO)]
    await store.delete_messages(ROOM, [gone.id])
    await store.save_consent(CLEO.key, Consent(opted_out=True))
    assert await store.sources("local", [here.id, gone.id, silent.id, "never"]) == {here.id: here}


async def test_a_stage_comes_back_where_it_was_made_and_as_it_was_asked_for(store: SqlStore) -> None:
    for at in (0, 1, 2):
        await wrote(store, at=at)
    kept = await read(store)
    short, long = stage(kept[:1], text="one"), stage(kept, text="all")
    await store.save_stages([short, long], at=START)
    assert await stages(store) == (long, short)
    await store.save_stages([replace(short, closed=False, points=())], at=START)
    assert await stages(store) == (long, replace(short, closed=False, points=()))
    assert await store.stages(ROOM, "another question", DAY) == ()
    assert await store.stages(OPEN, "q", DAY) == ()
    assert await store.stages(ROOM, "q", Period(since=after(1), until=DAY.until)) == ()


async def deleted(store: SqlStore, message: Message) -> None:
    await store.delete_messages(ROOM, [message.id])


async def edited(store: SqlStore, message: Message) -> None:
    await store.revise(replace(message, text="something else", edited_at=after(60)))


async def forgotten(store: SqlStore, message: Message) -> None:
    await store.forget(message.author.key)


async def opted_out(store: SqlStore, message: Message) -> None:
    await store.save_consent(message.author.key, Consent(opted_out=True))


async def expired(store: SqlStore, message: Message) -> None:
    await store.expire(now=message.sent_at + timedelta(days=30, seconds=1), default_days=30)


async def left(store: SqlStore, _: Message) -> None:
    await store.forget_place(ROOM)


WAYS: tuple[Way, ...] = (deleted, edited, forgotten, opted_out, expired, left)


@pytest.mark.parametrize("way", WAYS)
async def test_a_stage_goes_with_any_message_that_it_was_made_of(store: SqlStore, home: Home, way: Way) -> None:
    await wrote(store, by=ANA, at=2)
    middle = await wrote(store, by=CLEO, at=3)
    await wrote(store, by=ANA, at=4)
    await store.save_stages([stage(await read(store))], at=START)
    assert SECRET in await home.everything()
    await way(store, middle if way is not expired else replace(middle, sent_at=after(2)))
    assert await stages(store) == ()
    assert SECRET not in await home.everything()


async def test_a_stage_stays_where_what_went_was_said_beside_it(store: SqlStore) -> None:
    await wrote(store, by=ANA, at=2)
    kept = await read(store)
    later = await wrote(store, by=CLEO, at=3)
    await wrote(store, by=CLEO, at=3, place=OPEN)
    await store.save_stages([stage(kept)], at=START)
    await deleted(store, later)
    await forgotten(store, later)
    await opted_out(store, later)
    assert len(await stages(store)) == 1


async def test_a_stage_goes_with_what_its_messages_reply_to(store: SqlStore) -> None:
    asked = await wrote(store, place=HARBOUR)
    reply = said("yes", place=ROOM, by=BEN, addressed=Addressed.NO, at=after(9), reply_to=asked.id)
    assert await store.record(replace(reply, quotes=quoting(SECRET, asked.id)), keep=True)
    await store.save_stages([stage(await read(store))], at=START)
    await store.delete_messages(HARBOUR, [asked.id])
    assert await stages(store) == ()


@pytest.mark.parametrize("way", WAYS)
async def test_what_went_while_a_stage_was_made_is_not_kept_in_it(store: SqlStore, home: Home, way: Way) -> None:
    first = await wrote(store, by=CLEO)
    await wrote(store, by=CLEO, at=1)
    made = stage(await read(store))
    await way(store, first)
    await store.save_stages([made], at=START)
    assert await stages(store) == ()
    assert SECRET not in await home.everything()


async def test_a_stage_is_not_kept_where_a_message_between_was_written_down_meanwhile(store: SqlStore) -> None:
    await wrote(store)
    await wrote(store, at=9)
    made = stage(await read(store))
    await wrote(store, at=5)
    await store.save_stages([made], at=START)
    assert await stages(store) == ()


async def test_an_old_stage_is_made_anew(store: SqlStore) -> None:
    await wrote(store)
    await store.save_stages([stage(await read(store))], at=START)
    await store.expire(now=START + KEPT_FOR, default_days=3650)
    assert len(await stages(store)) == 1
    await store.expire(now=START + KEPT_FOR + timedelta(seconds=1), default_days=3650)
    assert await stages(store) == ()

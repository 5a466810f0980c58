"""Messages that arrive together are asked about and written down together, and each as if it had come alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Attachment, Message, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent, Keep, Policy
from bot.talk.record import Incoming, Recorded, Upload
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, HARBOUR, answered
from tests.storage.homes import Home

LATER = START + timedelta(minutes=5)


async def recorded(store: SqlStore, *messages: Message, keep: bool = True) -> Sequence[Recorded]:
    return await store.record_all([Incoming(message=message, keep=keep) for message in messages])


def plain(text: str, *, place: Place = GENERAL, message_id: str | None = None) -> Message:
    return said(text, by=BEN, place=place, addressed=Addressed.NO, message_id=message_id)


async def kept(store: SqlStore, place: Place = GENERAL) -> list[str]:
    question = said("and?", place=place)
    await store.record(question, keep=True)
    return [each.text for each in await store.overheard(question.conversation, before=question, limit=100)]


async def test_many_of_several_places_are_kept_in_their_order(store: SqlStore) -> None:
    places = [replace(GENERAL, id=f"place-{n}", name=f"place {n}") for n in range(7)]
    messages = [plain(f"line {n}", place=places[n % 7]) for n in range(70)]
    assert set(await recorded(store, *messages)) == {Recorded.NEW}
    for n, place in enumerate(places):
        assert await kept(store, place) == [f"line {m}" for m in range(n, 70, 7)]
    assert {place.name for place in await store.places("local")} == {place.name for place in places}


async def test_what_is_known_is_told_apart_from_what_is_new(store: SqlStore) -> None:
    first, second = plain("one"), plain("two")
    await recorded(store, first)
    assert await recorded(store, first, second, second) == [Recorded.KNOWN, Recorded.NEW, Recorded.KNOWN]
    assert await kept(store) == ["one", "two"]


async def test_one_that_reads_differently_is_told_by_how_it_came_to(store: SqlStore) -> None:
    message = plain("one", message_id="m")
    await recorded(store, message)
    others = (
        replace(message, text="uno"),
        replace(message, text="uno", edited_at=LATER),
        replace(message, place=HARBOUR),
        replace(message, author=CLEO),
    )
    expected = [Recorded.REWORDED, Recorded.CHANGED, Recorded.FOREIGN, Recorded.FOREIGN]
    assert await recorded(store, *others) == expected
    assert await kept(store) == ["one"]
    await store.revise(others[1])
    assert await recorded(store, message, *others[:2]) == [Recorded.KNOWN] * 3
    assert await kept(store) == ["uno"]


async def test_a_tombstone_is_known_and_stays_one(store: SqlStore) -> None:
    message = said("one", message_id="m")
    await answered(store, message, keep=False)
    again = replace(message, text="uno", edited_at=LATER)
    assert await recorded(store, message, again) == [Recorded.KNOWN] * 2
    assert await kept(store) == []


async def test_where_nothing_may_be_kept_by_now_nothing_is(store: SqlStore) -> None:
    """Whoever asked for the rules before was slower than whoever changed them."""
    never, always = Policy(keep=Keep.NEVER), Policy(keep=Keep.ALWAYS)
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, parent=GENERAL.id)
    open_anyway = replace(thread, id="o")
    for place, policy in ((GENERAL, never), (open_anyway, always)):
        await store.save_policy(place, policy)
    await recorded(store, *(plain("one", place=each) for each in (GENERAL, thread, open_anyway)))
    assert [await kept(store, each) for each in (GENERAL, thread, open_anyway)] == [[], [], ["one"]]


async def test_who_has_opted_out_is_kept_neither_as_author_nor_in_quotes(home: Home) -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="periwinkle", author_key=BEN.key, message="m")
    async with home.open() as store:
        await store.save_consent(BEN.key, Consent(opted_out=True))
        await recorded(store, plain("swordfish"), said("what?", by=ANA, quotes=(quote,)))
        assert await kept(store) == []
    everything = await home.everything()
    assert "what?" in everything
    assert "periwinkle" not in everything
    assert "swordfish" not in everything


async def test_files_go_to_the_message_that_brought_them(store: SqlStore) -> None:
    files = [Upload(id=f"u{n}", name="a.txt", media_type="text/plain", data=b"ahoy") for n in range(2)]
    for file in files:
        await store.save_upload(file, at=START)
    first, second = (
        replace(plain("here"), attachments=(Attachment(id=file.id, name="a.txt", media_type="text/plain", size=4),))
        for file in files
    )
    await recorded(store, first, second)
    await store.delete_messages(GENERAL, [first.id])
    assert await store.upload("u0") is None
    assert await store.upload("u1") == files[1]


async def test_none_is_written_where_one_cannot_be(store: SqlStore) -> None:
    broken = replace(plain("two"), place=replace(GENERAL, name=None))  # pyright: ignore[reportArgumentType]
    with pytest.raises((IntegrityError, TypeError, AttributeError)):
        await recorded(store, plain("one"), broken)
    assert await kept(store) == []


async def test_what_was_said_a_while_ago_counts_as_recorded_then(home: Home) -> None:
    async with home.open() as store:
        age = timedelta(hours=3)
        await store.record_all([Incoming(message=plain("late"), keep=True, age=age)])
    moment = int((home.clock.now() - age).timestamp() * 1_000_000)
    assert str(moment) in await home.everything()


async def test_batches_over_the_same_places_get_in_nobodys_way(store: SqlStore) -> None:
    places = [replace(GENERAL, id=f"place-{n}", name=f"place {n}") for n in range(10)]
    batches = [[plain(f"{turn}", place=place) for place in places[turn:] + places[:turn]] for turn in range(10)]
    results = await asyncio.gather(*(recorded(store, *batch) for batch in batches))
    assert all(one is Recorded.NEW for result in results for one in result)


# what may be kept


async def test_permissions_are_those_of_every_place_and_person(store: SqlStore) -> None:
    rules = Policy(keep=Keep.ALWAYS, announced=True)
    await store.save_policy(HARBOUR, rules)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    found = await store.permissions([GENERAL, HARBOUR, GENERAL], [ANA.key, BEN.key, ANA.key])
    assert found.policies == {GENERAL.key: Policy(), HARBOUR.key: rules}
    assert found.silent == {BEN.key}


async def test_permissions_make_places_known_and_rename_them(store: SqlStore) -> None:
    await store.save_policy(GENERAL, Policy(announced=True))
    renamed = replace(GENERAL, name="pla\0za", parent="cat", kind=PlaceKind.THREAD, guild="g")
    for _ in range(2):
        assert (await store.permissions([renamed, HARBOUR], [])).policies[GENERAL.key].announced
    assert {place.name for place in await store.places("local")} == {"pla\ufffdza", HARBOUR.name}

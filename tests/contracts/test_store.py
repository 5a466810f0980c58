"""What every store keeps besides transcript, turns and outbox, and how it is held, examined and opened again.

Each file of this contract runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC

import pytest

from bot.errors import AlreadyRunning
from bot.ports import Examined, ImageBytes, Store, Views
from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.finding import Level
from bot.talk.message import Addressed, Conversation, PlaceKind
from bot.talk.policy import Ambient, Consent, Keep, Policy
from bot.talk.record import Upload
from tests.contracts.scene import ROOM, TALK, after
from tests.fakes import ANA, START, said
from tests.storage.acts import answered, opened, picture, piece
from tests.storage.homes import Home


def test_the_store_is_all_that_the_ports_ask_for(store: SqlStore) -> None:
    ports: tuple[Store, Views, ImageBytes, Examined] = (store, store, store, store)
    assert all(ports)


# what may be kept


async def test_an_unknown_place_and_an_unknown_person_have_the_default_rules(store: SqlStore) -> None:
    assert await store.policy(ROOM) == Policy()
    assert await store.consent(ANA.key) == Consent()


async def test_rules_come_back_as_they_were_saved(store: SqlStore) -> None:
    rules = Policy(
        keep=Keep.ALWAYS, retention_days=7, since=START, announced=True, ambient=Ambient.SINCE, ambient_tokens=900
    )
    await store.save_policy(ROOM, rules)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert await store.policy(ROOM) == rules
    assert await store.consent(ANA.key) == Consent(opted_out=True)
    await store.save_consent(ANA.key, Consent())
    assert await store.consent(ANA.key) == Consent()


async def test_asking_for_a_policy_makes_the_place_known_and_renames_it(store: SqlStore) -> None:
    await store.policy(ROOM)
    await store.save_policy(ROOM, Policy(announced=True))
    renamed = replace(ROOM, name="plaza", parent="cat", kind=PlaceKind.THREAD, guild="g")
    assert (await store.policy(renamed)).announced
    assert await store.places("local") == (renamed,)


async def test_an_event_without_name_and_guild_does_not_blank_the_known_ones(store: SqlStore) -> None:
    await store.save_place(replace(ROOM, guild="g"))
    await store.save_place(replace(ROOM, name="", guild=None))
    assert await store.places("local") == (replace(ROOM, guild="g"),)
    assert await store.places("discord") == ()


# images, uploads, facts


async def test_pictures_and_files_come_back_byte_for_byte(store: SqlStore) -> None:
    data = bytes(range(256)) * 40
    await store.save_image(picture("one"), data)
    await store.save_image(picture("one"), data)
    assert await store.images(["one", "two"]) == {"one": data}
    assert await store.images([]) == {}
    upload = Upload(id="u", name="a.bin", media_type="x/y", data=data)
    await store.save_upload(upload, at=START)
    assert await store.upload("u") == upload
    assert await store.upload("v") is None


async def test_a_fact_is_what_was_saved_last(store: SqlStore) -> None:
    assert await store.fact("digest") is None
    await store.save_fact("digest", "1")
    await store.save_fact("digest", "2")
    assert await store.fact("digest") == "2"


# views


async def test_entries_are_what_was_said_and_answered_by_time(store: SqlStore) -> None:
    first, second = said("one", at=after(0)), said("two", at=after(10))
    await answered(store, first, text="answer one")
    await store.record(said("aside", addressed=Addressed.NO, at=after(5)), keep=True)
    running = await opened(store, second)
    private = Delivery(id="p", conversation=Conversation(place=ROOM, only=ANA.key), text="for Ana")
    await store.save_delivery(private, DeliveryState.READY, at=after(6))
    seen = await store.entries(ROOM, limit=10)
    texts = [one.message.text if one.message else one.outgoing and one.outgoing.delivery.text for one in seen]
    assert texts == ["one", "answer one", "aside", "two", ""]
    assert seen[-1].outgoing is not None
    assert seen[-1].outgoing.turn == running.id
    assert await store.entries(ROOM, limit=2) == seen[-2:]
    assert await store.entries(ROOM, before=after(10), limit=1) == seen[2:3]
    assert await store.entries(replace(ROOM, id="elsewhere"), limit=5) == ()
    assert all(one.at.tzinfo is UTC for one in seen)


# holding, examining, coming back


async def test_a_second_holder_of_the_same_shards_is_refused_and_told_why(store: SqlStore) -> None:
    async with store.hold("0"):
        with pytest.raises(AlreadyRunning, match=r"shards 0 .* Stop it first"):
            async with store.hold("0"):
                pass
        async with store.hold("1"):
            pass
    async with store.hold("0"):
        pass


async def test_the_doctor_finds_a_database_in_use_whole(store: SqlStore) -> None:
    findings = await store.examine()
    assert {one.topic for one in findings} == {"database"}
    assert [one.level for one in findings] == [Level.OK, Level.OK]


async def test_all_is_there_after_a_restart(home: Home) -> None:
    message = said("before")
    async with home.open() as store:
        await answered(store, message)
    async with home.open() as store:
        assert [one.piece for one in (await store.ledger(TALK)).pieces] == [piece("before"), piece("an answer")]
        assert not await store.record(message, keep=True)


async def test_a_caller_that_is_cancelled_leaves_the_store_usable(store: SqlStore) -> None:
    for n in range(20):
        task = asyncio.create_task(store.record(said(f"{n}", message_id=f"c{n}"), keep=True))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await store.record(said("after"), keep=True)
    # What had begun was finished: the transcript has whole messages, each at most once.
    texts = [message.text for message in await store.waiting(since=START)]
    assert len(texts) == len(set(texts))

"""When things were said in a place, as far as its people allow it; and private words that nobody took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Addressed, Message, Place
from bot.talk.policy import Consent
from tests.fakes import ANA, BEN, GENERAL, START, said

ELSEWHERE = Place(platform="local", id="elsewhere")
LETTER = Delivery(id="letter", conversation=replace(said("-").conversation, only=ANA.key), text="what was said")


def at(minute: int, message_id: str, *, place: Place = GENERAL, **more: object) -> Message:
    message = said("words", message_id=message_id, place=place, at=START + timedelta(minutes=minute))
    return replace(message, addressed=Addressed.NO, **more)  # pyright: ignore[reportArgumentType] # as each test says


async def record(store: SqlStore, *messages: Message) -> None:
    for message in messages:
        assert await store.record(message, keep=True)


async def test_somebody_s_last_words_are_those_of_this_very_place_before_then(store: SqlStore) -> None:
    later = START + timedelta(hours=1)
    await record(store, at(5, "m5"), at(1, "m1"), at(9, "e9", place=ELSEWHERE), at(7, "b7", author=BEN))
    assert await store.last_said(ANA.key, GENERAL, before=later) == START + timedelta(minutes=5)
    assert await store.last_said(ANA.key, GENERAL, before=START + timedelta(minutes=5)) == START + timedelta(minutes=1)
    assert await store.last_said(ANA.key, GENERAL, before=START) is None


async def test_what_somebody_said_to_us_alone_or_deleted_are_no_words_in_the_place(store: SqlStore) -> None:
    await record(store, at(1, "alone", only=ANA.key), at(2, "gone"))
    await store.delete_messages(GENERAL, ["gone"])
    assert await store.last_said(ANA.key, GENERAL, before=START + timedelta(hours=1)) is None
    for each in ("alone", "gone", "never"):
        assert await store.moments_from(GENERAL, each, limit=9) == ()


async def test_moments_begin_with_the_message_and_go_on_in_the_order_of_time(store: SqlStore) -> None:
    await record(store, at(3, "m3"), at(1, "m1"), at(2, "m2"), at(2, "m2b"), at(4, "e4", place=ELSEWHERE))
    minutes = [(each - START).seconds // 60 for each in await store.moments_from(GENERAL, "m2", limit=9)]
    assert minutes == [2, 2, 3]
    assert len(await store.moments_from(GENERAL, "m1", limit=2)) == 2
    assert await store.moments_from(ELSEWHERE, "m1", limit=9) == ()


async def test_of_who_opted_out_no_moment_is_told(store: SqlStore) -> None:
    await record(store, at(1, "m1"), at(2, "b2", author=BEN))
    await store.save_consent(BEN.key, Consent(opted_out=True))
    assert await store.moments_from(GENERAL, "b2", limit=9) == ()
    assert len(await store.moments_from(GENERAL, "m1", limit=9)) == 1
    assert await store.last_said(BEN.key, GENERAL, before=START + timedelta(hours=1)) is None


async def test_a_private_delivery_that_was_not_taken_can_be_had_again_and_no_other(store: SqlStore) -> None:
    taken = replace(LETTER, id="taken")
    await store.save_delivery(taken, DeliveryState.SENT, at=START)
    assert await store.unclaimed("taken") is None
    await store.save_delivery(LETTER, DeliveryState.FAILED, at=START)
    kept = await store.unclaimed("letter")
    assert kept is not None
    assert (kept.text, kept.conversation.only) == (LETTER.text, ANA.key)
    public = replace(LETTER, id="public", conversation=replace(LETTER.conversation, only=None))
    await store.save_delivery(public, DeliveryState.FAILED, at=START)
    assert await store.unclaimed("public") is None
    assert await store.unclaimed("never") is None
    await store.forget(ANA.key)
    assert await store.unclaimed("letter") is None

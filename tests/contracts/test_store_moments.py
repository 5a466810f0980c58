"""When things were said in a place, as far as its people allow it; and private words that nobody took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.ports.moments import News
from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Heard, Order, Period
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


async def test_news_are_counted_in_the_order_of_hearing_and_begin_where_the_first_of_them_was_sent(
    store: SqlStore,
) -> None:
    assert await store.news("local", after=None) == News(last=0)
    await record(store, at(5, "m5"), at(1, "m1", place=ELSEWHERE))
    before = await store.news("local", after=0)
    assert before.since == START + timedelta(minutes=1)
    assert await store.news("local", after=before.last) == News(last=before.last)
    await record(store, at(3, "m3"), at(9, "m9"))
    await record(store, at(0, "other", place=Place(platform="discord", id="1")))
    now = await store.news("local", after=before.last)
    assert (now.last > before.last, now.since) == (True, START + timedelta(minutes=3))


async def test_what_was_told_or_is_newer_than_the_last_that_was_heard_is_not_said_again(store: SqlStore) -> None:
    await record(store, at(5, "m5"), at(9, "m9"))
    first = (await store.news("local", after=None)).last
    await record(store, at(6, "late"), at(12, "m12"))
    last = (await store.news("local", after=None)).last
    await record(store, at(7, "later still"))
    hour = START + timedelta(hours=1)
    told = (Heard(until=START + timedelta(minutes=8), last=first),)
    period = Period(since=START, until=hour, last=last, told=told)
    kept = await store.said(GENERAL, period, after=None, limit=9)
    assert [each.message.id for each in kept] == ["late", "m9", "m12"]
    order = Order(platform="local", rooms=frozenset({GENERAL.room}), period=period)
    assert [each.messages for each in await store.spoken(order)] == [3]


async def test_a_place_begins_with_the_first_message_that_is_there(store: SqlStore) -> None:
    assert await store.first_said(GENERAL) is None
    await record(store, at(0, "gone"), at(1, "alone", only=ANA.key), at(3, "m3"), at(2, "m2"))
    await record(store, at(0, "e0", place=ELSEWHERE))
    await store.delete_messages(GENERAL, ["gone"])
    assert await store.first_said(GENERAL) == START + timedelta(minutes=2)

"""Questions of a channel that get threads of their own: moved whole, once, and found again where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Addressed, Conversation, Message, Person, Place, PlaceKind
from bot.talk.policy import Policy
from bot.talk.support import Silence
from tests.contracts.scene import after
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import shows

HELP = Place(platform="local", id="help", name="help", guild="port")


def thread(ident: str = "q1") -> Place:
    return Place(
        platform="local", id=ident, kind=PlaceKind.THREAD, name="A boat", guild="port", parent="help", open=True
    )


async def asked(store: SqlStore, ident: str, *, by: Person = ANA, at: float = 0) -> Message:
    message = said(ident, message_id=ident, by=by, place=HELP, at=after(at), addressed=Addressed.SUPPORT)
    await store.record(message, keep=True)
    return message


async def test_a_question_moves_with_its_talk_and_what_was_counted_of_it(store: SqlStore) -> None:
    first, last = await asked(store, "q1"), await asked(store, "q2", at=3)
    talk = await store.open_talk(HELP, ANA.key, at=first.sent_at)
    await store.silence(talk, Silence.STAFF, at=after(4), told=None)
    await store.count_answer(talk, last)
    moved = await store.move([first, last], thread())
    assert moved is not None
    assert (moved.place, moved.asker, moved.silence, moved.spoken_at) == (thread(), ANA.key, Silence.STAFF, after(3))
    assert await store.talks(HELP) == []
    assert await store.answers_counted(thread(), ANA.key, since=START - timedelta(days=1), of_thread=None) == (1, 1)
    assert await store.home(HELP, "q2") == (thread(), Addressed.SUPPORT)
    assert [each.key for each in await store.homes(HELP, ["q1", "q2", "q3"])] == [thread().key]
    (one, two) = await store.waiting(since=START - timedelta(days=1))
    assert (one, two) == tuple(replace(each, place=thread(), above=True) for each in (first, last))
    assert (one.replies_to, one.stands_in.key) == (None, HELP.key)
    recent = await store.recent("local", since=START - timedelta(days=1), limit=9)
    assert {each.place.key for each in recent} == {HELP.key}, "it is compared with what stands in the channel"


async def test_a_thread_is_kept_as_its_channel_is_and_its_people_were_told_there(store: SqlStore) -> None:
    await asked(store, "q1")
    told = await asked(store, "q2")
    await store.save_policy(HELP, Policy(since=START, announced=True))
    own = Policy(retention_days=3)
    await store.save_policy(thread(), own)
    await store.move([told], thread())
    assert await store.policy(thread()) == replace(own, since=START, announced=True)


async def test_what_is_being_answered_or_is_gone_stays_where_it_is(store: SqlStore) -> None:
    begun, gone = await asked(store, "q1"), await asked(store, "q2")
    await store.open_talk(HELP, ANA.key, at=START)
    assert not await store.is_begun(HELP, ["q1", "q2"])
    await store.open_turn(begun, at=START)
    await store.delete_messages(HELP, ["q2"])
    assert await store.is_begun(HELP, ["q1", "q2"])
    assert await store.move([begun, gone], thread()) is None
    assert await store.home(HELP, "q1") is None
    assert [each.place for each in await store.talks(HELP)] == [HELP]


async def test_moving_into_a_thread_that_is_known_keeps_how_it_stands_there(store: SqlStore) -> None:
    first = await asked(store, "q1")
    await store.open_talk(HELP, ANA.key, at=START)
    there = await store.move([first], thread())
    assert there is not None
    await store.silence(there, Silence.STAFF, at=after(5), told=None)
    more = await asked(store, "q2", at=9)
    await store.open_talk(HELP, ANA.key, at=after(9))
    moved = await store.move([more], thread())
    assert moved is not None
    assert (moved.silence, moved.spoken_at) == (Silence.STAFF, after(9))
    assert await store.move([more], thread()) is None, "once"


async def test_the_latest_thread_of_an_asker_is_one_that_was_opened_for_their_question(store: SqlStore) -> None:
    for ident, at in (("q1", 0), ("q2", 5)):
        message = await asked(store, ident, at=at)
        await store.open_talk(HELP, ANA.key, at=after(at))
        await store.move([message], thread(ident))
    await store.open_talk(thread("q3"), ANA.key, at=after(9))
    found = await store.latest_thread(HELP, ANA.key, since=START)
    assert found is not None
    assert found.place == thread("q2")
    assert await store.latest_thread(HELP, ANA.key, since=after(6)) is None
    assert await store.latest_thread(HELP, BEN.key, since=START) is None


async def test_of_an_answer_it_is_known_whose_question_it_answers(store: SqlStore) -> None:
    message = await asked(store, "q1", by=BEN)
    delivery = Delivery(id="d", conversation=Conversation(place=HELP), text="So.", reply_to="q1")
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    assert await store.author_of(HELP, message.id) == BEN.key
    (shown,) = shows(delivery).messages
    assert await store.author_of(HELP, shown.id) == BEN.key
    assert await store.author_of(HELP, "never") is None


async def test_what_belongs_to_a_thread_is_forgotten_with_its_author_and_its_channel(store: SqlStore) -> None:
    message = await asked(store, "q1")
    await store.open_talk(HELP, ANA.key, at=START)
    await store.move([message], thread())
    await store.forget(ANA.key)
    assert await store.waiting(since=START - timedelta(days=1)) == ()
    assert await store.talk(thread()) is None
    other = await asked(store, "q2", by=BEN)
    await store.open_talk(HELP, BEN.key, at=START)
    await store.move([other], thread("q2"))
    await store.forget_place(HELP)
    assert await store.talk(thread("q2")) is None

"""What support channels need of a store: set-ups, who asks and who is silent, and questions of several messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery
from bot.talk.message import Addressed, Conversation, Message, Person, Place, PlaceKind
from bot.talk.policy import Ambient
from bot.talk.support import Answers, SetUp, Silence, SupportChannel, Talk
from bot.talk.turn import TurnState
from tests.contracts.scene import after
from tests.fakes import ANA, BEN, START, said
from tests.storage.homes import Home

HELP = Place(platform="local", id="help", name="help", guild="port")
NOTES = Place(platform="local", id="staff", name="staff", guild="port")
THREAD = Place(
    platform="local", id="t1", kind=PlaceKind.THREAD, name="It crashes", guild="port", parent="help", open=True
)
CHANNEL = SupportChannel(
    place=HELP,
    languages=("de", "ja"),
    tone="warm, in plain words",
    staff=frozenset({"7", "8"}),
    notes=NOTES,
    staff_language="fr",
    answers=Answers.MENTIONED,
    grounded=False,
    solved_tags=frozenset({"1"}),
    person_tags=frozenset({"2"}),
    escalate_minutes=5,
    per_thread=3,
    per_person=4,
    since=START,
)


def asks(text: str = "", *, ident: str, at: float = 0, by: Person = ANA, place: Place = THREAD) -> Message:
    return said(text or ident, message_id=ident, by=by, place=place, at=after(at), addressed=Addressed.SUPPORT)


async def test_a_set_up_comes_back_as_it_was_saved_also_for_threads_and_goes_with_its_channel(store: SqlStore) -> None:
    await store.save_support_channel(CHANNEL)
    assert await store.support_channel(HELP) == CHANNEL
    assert await store.support_channel(THREAD) == CHANNEL
    assert await store.support_channel(NOTES) is None
    usual = SupportChannel(place=replace(HELP, id="other", name="other", guild="island"))
    await store.save_support_channel(usual)
    assert await store.support_channels("local", "port") == [CHANNEL]
    assert await store.support_channels() == [CHANNEL, usual]
    await store.save_support_channel(replace(CHANNEL, tone=""))
    assert await store.support_channel(HELP) == replace(CHANNEL, tone="")
    await store.forget_place(HELP)
    await store.forget_guild("local", "island")
    assert await store.support_channels() == []


async def test_forgetting_what_was_said_in_a_channel_leaves_its_set_up(store: SqlStore) -> None:
    await store.save_support_channel(CHANNEL)
    await store.open_talk(THREAD, ANA.key, at=START)
    await store.forget_place(HELP, rules=True)
    assert await store.support_channel(HELP) == CHANNEL
    assert await store.talks(THREAD) == []


async def test_of_two_who_set_a_channel_up_at_once_the_second_is_not_taken(store: SqlStore) -> None:
    ours = SetUp(id="a", by=ANA.key, channel=CHANNEL, seen=None)
    theirs = SetUp(id="b", by=BEN.key, channel=replace(CHANNEL, tone="dry"), seen=None)
    await store.save_set_up(ours, at=START)
    await store.save_set_up(theirs, at=START)
    assert await store.set_up("a", now=START) == ours
    assert await store.take_set_up(ours)
    assert not await store.take_set_up(ours)
    assert not await store.take_set_up(theirs)
    assert await store.support_channel(HELP) == CHANNEL
    again = replace(theirs, id="c", seen=CHANNEL)
    await store.save_set_up(again, at=START)
    assert await store.set_up("b", now=START) is None, "of one person only the last counts"
    assert await store.take_set_up(again)
    assert await store.support_channel(HELP) == again.channel


async def test_a_set_up_that_was_only_shown_is_gone_after_a_day_with_its_person_and_when_it_is_dropped(
    store: SqlStore,
) -> None:
    shown = SetUp(id="a", by=ANA.key, channel=CHANNEL, seen=None)
    await store.save_set_up(shown, at=START)
    assert await store.set_up("a", now=START + timedelta(days=2)) is None
    await store.drop_set_up("a")
    assert await store.set_up("a", now=START) is None
    await store.save_set_up(shown, at=START)
    await store.forget(ANA.key)
    assert await store.set_up("a", now=START) is None
    assert await store.drop_support_channel(HELP) is False


async def silent(store: SqlStore, talk: Talk, at: datetime, told: Delivery | None = None) -> bool:
    changed, _ = await store.silence(talk, Silence.STAFF, at=at, told=told)
    return changed


async def test_a_silence_stays_until_a_later_call_and_what_came_before_the_call_does_not_count(store: SqlStore) -> None:
    talk = await store.open_talk(THREAD, ANA.key, at=START)
    assert await store.talk(THREAD) == await store.talk(THREAD, ANA.key) == talk
    assert await silent(store, talk, after(10))
    assert not await silent(store, talk, after(11)), "it is silent already"
    assert not await store.call_back(talk, at=after(9), overruled=(), anew=False)
    assert await store.call_back(talk, at=after(20), overruled={"2", "1"}, anew=True)
    assert await store.talk(THREAD) == replace(
        talk, changed_at=after(20), overruled=frozenset({"1", "2"}), counted_from=after(20)
    )
    assert not await silent(store, talk, after(15)), "it was said before the bot was called back"
    assert await silent(store, talk, after(30))
    found = await store.talk(THREAD)
    assert found is not None
    assert found.silence is Silence.STAFF


async def test_how_to_call_it_back_is_told_once(store: SqlStore) -> None:
    talk = await store.open_talk(THREAD, ANA.key, at=START)
    for number in (1, 2):
        told = Delivery(id=f"told-{number}", conversation=Conversation(place=THREAD), text="Call me back")
        assert await silent(store, talk, after(number * 10), told)
        assert await store.call_back(talk, at=after(number * 10 + 1), overruled=(), anew=False)
    assert [each.delivery.id for each in await store.undelivered()] == ["told-1"]
    told = Delivery(id="limit", conversation=Conversation(place=THREAD), text="Enough for today.")
    assert await store.silence(talk, Silence.LIMIT, at=after(99), told=told, once=False) == (True, True)


async def test_a_new_question_of_the_same_person_begins_anew_and_the_last_that_spoke_comes_first(
    store: SqlStore,
) -> None:
    talk = await store.open_talk(HELP, ANA.key, at=START)
    await silent(store, talk, after(1))
    await store.open_talk(HELP, BEN.key, at=after(5))
    fresh = await store.open_talk(HELP, ANA.key, at=after(9))
    assert await store.talks(HELP) == [fresh, await store.talk(HELP, BEN.key)]
    await store.spoke(fresh, at=after(3))
    assert await store.talk(HELP, ANA.key) == fresh, "an older message changes nothing"
    await store.forget(ANA.key)
    assert [each.asker for each in await store.talks(HELP)] == [BEN.key]


async def test_answers_are_counted_once_by_thread_and_by_person(store: SqlStore) -> None:
    talk = await store.open_talk(THREAD, ANA.key, at=START)
    elsewhere = await store.open_talk(HELP, ANA.key, at=START)
    for message in (asks(ident="1", at=1), asks(ident="1", at=1), asks(ident="2", at=2)):
        await store.count_answer(talk, message)
    await store.count_answer(elsewhere, asks(ident="3", at=3, place=HELP))
    counted = await store.answers_counted(THREAD, ANA.key, since=START, of_thread=None)
    assert counted == (2, 3)
    counted = await store.answers_counted(THREAD, ANA.key, since=after(2), of_thread=after(1))
    assert counted == (1, 1)
    counted = await store.answers_counted(THREAD, ANA.key, since=START, of_thread=None, besides="1")
    assert counted == (1, 2)
    await store.forget(ANA.key)
    assert await store.answers_counted(THREAD, ANA.key, since=START, of_thread=None) == (0, 0)


async def recorded(store: SqlStore, *messages: Message, keep: bool = True) -> None:
    for message in messages:
        assert await store.record(message, keep=keep)


async def test_several_messages_are_one_question_that_waits_once_and_reads_in_order(store: SqlStore) -> None:
    talk = await store.open_talk(THREAD, ANA.key, at=START)
    first, second, last = asks(ident="1"), asks(ident="2", at=1), asks(ident="3", at=2)
    await recorded(store, first, second, last)
    for message in (first, second, last):
        await store.count_answer(talk, message)
    assert await store.join(second, ["1"]) == ["1"]
    assert await store.join(last, ["2", "unknown"]) == ["2"]
    assert await store.join(second, []) is None, "it needs no answer of its own any more"
    assert [each.id for each in await store.joined(last)] == ["1", "2"]
    assert [each.id for each in await store.waiting(since=START)] == ["3"]
    assert await store.answers_counted(THREAD, ANA.key, since=START - timedelta(1), of_thread=None) == (1, 1)
    await store.revise(replace(first, text="as it reads now", edited_at=after(9)))
    await store.delete_messages(THREAD, ["2"])
    told = await store.aside(last, turn="", ambient=Ambient.ON, overheard=9, changed=9)
    assert [each.text for each in told.parts] == ["as it reads now"]


async def test_what_is_answered_already_is_a_part_of_nothing(store: SqlStore) -> None:
    begun, last = asks(ident="1"), asks(ident="2", at=1)
    await recorded(store, begun, last)
    assert await store.open_turn(begun, at=START) is not None
    assert await store.join(last, ["1"]) == []
    assert await store.joined(last) == ()
    assert [each.id for each in await store.waiting(since=START)] == ["1", "2"]


async def test_parts_that_are_not_kept_are_erased_with_the_question(store: SqlStore) -> None:
    first, last = asks(ident="1"), asks(ident="2", at=1)
    await recorded(store, first, last, keep=False)
    await store.join(last, ["1"])
    assert [each.id for each in await store.joined(last)] == ["1"]
    turn = await store.open_turn(last, at=START)
    assert turn is not None
    answer = Delivery(id=turn.delivery_id, conversation=last.conversation, text="So.")
    await store.close_turn(turn.id, state=TurnState.DONE, delivery=answer, at=after(5))
    assert await store.joined(last) == ()


async def test_what_an_asker_is_owed_is_let_go_with_what_stands_of_it_and_nothing_else(store: SqlStore) -> None:
    begun, owed, running = asks(ident="1"), asks(ident="2"), asks(ident="3")
    other = asks(ident="4", by=BEN)
    mention = replace(asks(ident="5"), addressed=Addressed.MENTION)
    await recorded(store, begun, owed, running, other, mention)
    turn = await store.open_turn(begun, at=START)
    assert turn is not None
    left = await store.let_go(THREAD, ANA.key, besides=["3"])
    assert [each.delivery.id for each in left] == [turn.delivery_id]
    assert [each.id for each in await store.waiting(since=START)] == ["3", "4", "5"]
    assert [await store.open_turn(each, at=START) for each in (begun, owed)] == [None, None]
    assert await store.let_go(THREAD, ANA.key, besides=["3"]) == ()


async def test_who_asked_is_not_known_for_ever(store: SqlStore, home: Home) -> None:
    talk = await store.open_talk(THREAD, ANA.key, at=START)
    await store.count_answer(talk, asks(ident="1"))
    await store.save_set_up(SetUp(id="a", by=ANA.key, channel=CHANNEL, seen=None), at=START)
    await store.expire(now=START + timedelta(days=170), default_days=30)
    assert await store.talk(THREAD, ANA.key) is not None
    assert (await home.rows("support_answers"), await home.rows("support_set_ups")) == (0, 0)
    await store.expire(now=START + timedelta(days=181), default_days=30)
    assert await store.talk(THREAD, ANA.key) is None

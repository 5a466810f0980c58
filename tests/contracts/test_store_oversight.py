"""What people think of answers and what is counted: kept once, changed by whoever voted, and gone with the words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Message, Place, PlaceKind
from bot.talk.oversight import Assessed, Ballot, Counted, Cursor, Flag, ReviewState, Vote, Which, room_of
from bot.talk.policy import Consent
from bot.talk.record import OpenTurn
from bot.talk.turn import TurnState
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, HARBOUR, final, opened, question, reply, shows
from tests.storage.homes import Home

DAY = START.date()
HERE = (GENERAL.key,)


def asks(name: str, *, place: Place = GENERAL) -> Message:
    return said(name, message_id=name, place=place)


async def answered(
    store: SqlStore,
    message: Message,
    *,
    flags: Collection[Flag] = (Flag.UNCITED,),
    keep: bool = True,
    language: str = "ja",
    at: float = 1,
) -> OpenTurn:
    """A question whose shown answer is assessed."""
    turn = await opened(store, message, keep=keep)
    delivery = final(turn, message, "an answer")
    await store.close_turn(
        turn.id,
        state=TurnState.DONE,
        delivery=delivery,
        parts=(question(), reply("an answer")),
        assessed=Assessed(room=room_of(message.place), language=language, flags=frozenset(flags)),
        at=after(at),
    )
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    return turn


async def listed(store: SqlStore, which: Which = Which.ALL, state: ReviewState = ReviewState.OPEN) -> list[str]:
    found = await store.reviews(which, state, rooms=HERE, limit=10)
    return [each.question.id for each in found]


async def counted(store: SqlStore, guild: str | None = None) -> dict[Counted, int]:
    counts = await store.support_counts("local", guild, first=DAY, last=DAY + timedelta(days=7))
    sums: dict[Counted, int] = {}
    for each in counts:
        sums[each.what] = sums.get(each.what, 0) + each.number
    return {what: number for what, number in sums.items() if number}


async def test_an_answer_is_reviewed_with_its_question_flags_and_votes(store: SqlStore) -> None:
    message = asks("one")
    turn = await answered(store, message, flags=[Flag.FEW])
    await store.mark_answer(turn.id, Flag.REMADE)
    await store.mark_answer(turn.id, Flag.REMADE)
    await store.vote(turn.id, ANA.key, up=False)
    await store.vote(turn.id, BEN.key, up=True)
    (found,) = await store.reviews(Which.LOW, ReviewState.OPEN, rooms=HERE, limit=10)
    assert found == await store.reviewed(turn.id)
    assert (found.question, found.answer, found.language, found.at) == (message, "an answer", "ja", after(1))
    assert found.flags == {Flag.FEW, Flag.REMADE}
    assert sorted(found.votes, key=lambda vote: vote.up) == [Vote(up=False, asker=True), Vote(up=True)]
    assert found.shown == tuple(each.id for each in shows(final(turn, message, "an answer")).messages)


async def test_a_person_has_one_vote_that_they_can_change(store: SqlStore, home: Home) -> None:
    turn = await answered(store, asks("one"), flags=())
    assert await store.vote(turn.id, BEN.key, up=True) is Ballot.COUNTED
    assert await store.vote(turn.id, BEN.key, up=True) is Ballot.SAME
    assert await listed(store, Which.ALL) == []
    assert await counted(store) == {Counted.ANSWERED: 1, Counted.UP: 1}
    home.clock.jump(86400)
    assert await store.vote(turn.id, BEN.key, up=False) is Ballot.CHANGED
    assert await counted(store) == {Counted.ANSWERED: 1, Counted.DOWN: 1}
    assert await listed(store, Which.DOWN) == ["one"]
    assert await store.vote("unknown", BEN.key, up=True) is Ballot.GONE


async def test_a_reason_makes_a_vote_against_and_goes_with_a_vote_for(store: SqlStore) -> None:
    turn = await answered(store, asks("one"))
    assert await store.say_why(turn.id, BEN.key, "it is the other door") is Ballot.COUNTED
    assert await store.vote(turn.id, BEN.key, up=False) is Ballot.SAME
    found = await store.reviewed(turn.id)
    assert found is not None
    assert found.votes == (Vote(up=False, reason="it is the other door"),)
    assert await store.say_why(turn.id, BEN.key, "the left one") is Ballot.CHANGED
    await store.vote(turn.id, BEN.key, up=True)
    found = await store.reviewed(turn.id)
    assert found is not None
    assert found.votes == (Vote(up=True),)


async def test_reviews_are_listed_by_what_speaks_against_them_the_latest_first(store: SqlStore) -> None:
    await answered(store, asks("low"), at=1)
    handed = await answered(store, asks("handed"), flags=(), at=2)
    await store.mark_answer(handed.id, Flag.HANDED_OVER)
    down = await answered(store, asks("down"), flags=(), at=3)
    await store.vote(down.id, BEN.key, up=False)
    await answered(store, asks("fine"), flags=(), at=4)
    assert await listed(store) == ["down", "handed", "low"]
    assert await listed(store, Which.LOW) == ["low"]
    assert await listed(store, Which.HANDED) == ["handed"]
    assert await listed(store, Which.DOWN) == ["down"]
    (first,) = await store.reviews(Which.ALL, ReviewState.OPEN, rooms=HERE, limit=1)
    rest = await store.reviews(Which.ALL, ReviewState.OPEN, rooms=HERE, at=first.cursor, limit=9)
    assert [each.question.id for each in rest] == ["handed", "low"]
    back = await store.reviews(Which.ALL, ReviewState.OPEN, rooms=HERE, at=rest[-1].cursor, newer=True, limit=1)
    assert [each.question.id for each in back] == ["handed"]
    assert Cursor.read(first.cursor.text) == first.cursor


async def test_an_answer_that_was_deleted_while_it_was_written_hides_no_others(store: SqlStore) -> None:
    await answered(store, asks("one"))
    message = asks("two")
    turn = await opened(store, message)
    delivery = final(turn, message, "an answer")
    await store.save_shown(delivery.id, shows(delivery), None)
    await store.delete_messages(GENERAL, [each.id for each in shows(delivery).messages])
    await store.close_turn(
        turn.id,
        state=TurnState.DONE,
        delivery=delivery,
        parts=(question(), reply("an answer")),
        assessed=Assessed(room=GENERAL, language="ja", flags=frozenset({Flag.UNCITED})),
        at=after(2),
    )
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert await store.reviewed(turn.id) is None
    (first,) = await store.reviews(Which.ALL, ReviewState.OPEN, rooms=HERE, limit=1)
    assert first.question.id == "one"
    assert await store.reviews(Which.ALL, ReviewState.OPEN, rooms=HERE, at=first.cursor, newer=True, limit=1) == ()


async def test_what_staff_have_decided_is_listed_apart(store: SqlStore) -> None:
    turn = await answered(store, asks("one"))
    assert await store.settle_review(turn.id, ReviewState.DISMISSED)
    assert await listed(store) == []
    assert await listed(store, state=ReviewState.DISMISSED) == ["one"]
    assert not await store.settle_review("unknown", ReviewState.DONE)


async def test_reviews_of_other_rooms_are_not_listed(store: SqlStore) -> None:
    await answered(store, asks("one", place=HARBOUR))
    assert await listed(store) == []
    found = await store.reviews(Which.ALL, ReviewState.OPEN, rooms=[HARBOUR.key], limit=9)
    assert [each.question.id for each in found] == ["one"]
    assert await store.review_rooms(ReviewState.OPEN, platform="local", guild="marseille", limit=9) == (HARBOUR,)
    assert await store.review_rooms(ReviewState.DONE, platform="local", guild="marseille", limit=9) == ()
    assert await store.review_rooms(ReviewState.OPEN, platform="local", guild=None, limit=9) == ()
    assert await counted(store) == {}
    assert await counted(store, "marseille") == {Counted.ANSWERED: 1}
    assert set(await store.counted_guilds(first=DAY, last=DAY)) == {("local", "marseille")}


async def test_what_is_not_kept_is_counted_and_not_reviewed(store: SqlStore) -> None:
    turn = await answered(store, asks("one"), keep=False)
    assert await store.reviewed(turn.id) is None
    assert await store.vote(turn.id, BEN.key, up=True) is Ballot.GONE
    assert await counted(store) == {Counted.ANSWERED: 1}


async def test_a_private_answer_has_no_review(store: SqlStore) -> None:
    turn = await answered(store, replace(asks("one"), only=ANA.key))
    assert await store.reviewed(turn.id) is None
    assert not await store.settle_review(turn.id, ReviewState.DONE)


async def test_who_opts_out_leaves_neither_votes_nor_reasons(store: SqlStore) -> None:
    turn = await answered(store, asks("one"))
    await store.say_why(turn.id, BEN.key, SECRET)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    found = await store.reviewed(turn.id)
    assert found is not None
    assert found.votes == ()
    assert await store.say_why(turn.id, BEN.key, SECRET) is Ballot.SILENT
    assert await store.vote(turn.id, BEN.key, up=True) is Ballot.SILENT


@pytest.mark.parametrize("how", ["message", "answer", "asker", "voter", "retention", "place", "guild"])
async def test_reasons_go_with_the_words_and_numbers_stay(store: SqlStore, home: Home, how: str) -> None:
    message = asks("one", place=HARBOUR)
    turn = await answered(store, message)
    await store.say_why(turn.id, BEN.key, SECRET)
    assert SECRET in await home.everything()
    left = {Counted.ANSWERED: 1, Counted.DOWN: 1}
    match how:
        case "message":
            await store.delete_messages(HARBOUR, ["one"])
        case "answer":
            await store.delete_messages(HARBOUR, [each.id for each in shows(final(turn, message, "")).messages])
        case "asker":
            await store.forget(ANA.key)
        case "voter":
            await store.forget(BEN.key)
        case "retention":
            await store.expire(now=START + timedelta(days=400), default_days=30)
        case "place":
            await store.forget_place(HARBOUR)
            left = {}
        case _:
            await store.forget_guild("local", "marseille")
            left = {}
    assert SECRET not in await home.everything()
    assert await counted(store, "marseille") == left


async def test_a_correction_ends_the_review_and_goes_with_whoever_wrote_it(store: SqlStore, home: Home) -> None:
    turn = await answered(store, asks("one"))
    correction = Delivery(id="c1", conversation=Conversation(place=GENERAL), text=SECRET)
    assert await store.save_correction(turn.id, correction, by=CLEO.key)
    assert await listed(store, state=ReviewState.DONE) == ["one"]
    assert [each.delivery for each in await store.undelivered(["c1"])] == [correction]
    await store.save_shown("c1", Shown(messages=(ShownMessage(id="m9", digest=""),)), DeliveryState.SENT)
    await store.forget(CLEO.key)
    assert SECRET not in await home.everything()
    assert not await store.save_correction("unknown", replace(correction, id="c2"), by=CLEO.key)
    assert await store.delivery_state("c2") is None


async def test_a_thread_follows_its_channel_in_whether_votes_are_wanted(store: SqlStore) -> None:
    channel = Place(platform="local", id="help", guild="marseille")
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, guild="marseille", parent="help")
    assert await store.feedback(thread) is None
    await store.save_feedback(channel, wanted=True)
    assert await store.feedback(thread) is True
    await store.save_feedback(thread, wanted=False)
    assert (await store.feedback(thread), await store.feedback(channel)) == (False, True)
    await store.forget_place(channel, rules=True)
    assert await store.feedback(channel) is True
    await store.forget_guild("local", "marseille")
    assert await store.feedback(channel) is None


async def test_what_somebody_asked_before_they_opted_out_is_reviewed_by_nobody(store: SqlStore) -> None:
    turn = await answered(store, asks("a"))
    assert await listed(store) == ["a"]
    await store.save_consent(ANA.key, Consent(opted_out=True))
    assert await listed(store) == []
    assert await store.reviewed(turn.id) is None
    assert await store.vote(turn.id, BEN.key, up=True) is Ballot.GONE

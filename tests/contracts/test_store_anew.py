"""A message that was answered can be answered anew: once for each answer, and over crashes like any other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import Action, DeliveryState
from bot.talk.turn import TurnState
from tests.contracts.scene import TALK, after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, GENERAL, START, said
from tests.storage.acts import answered, close, opened, shows
from tests.storage.homes import Home

AGAIN = Action(id="again:1", label="Again")


async def test_an_edit_of_an_answered_question_says_what_answered_it(store: SqlStore) -> None:
    done = await answered(store, said("teh tide"))
    found = await store.revise(replace(done.message, text="the tide", edited_at=after(5)))
    assert found is not None
    assert (found.turn, found.closed_at) == (done.turn.id, START)
    assert found.outgoing.delivery == done.delivery
    assert (found.outgoing.state, found.outgoing.shown) == (DeliveryState.SENT, shows(done.delivery))
    assert await store.revise(replace(done.message, text="the tide", edited_at=after(6))) is None


async def test_an_edit_of_what_has_no_answer_says_nothing(store: SqlStore) -> None:
    aside, running, failed, unkept = said("aside"), said("running"), said("failed"), said("unkept")
    await store.record(aside, keep=True)
    await opened(store, running)
    await close(store, await opened(store, failed), failed, state=TurnState.FAILED)
    await answered(store, unkept, keep=False)
    for message in (aside, running, failed, unkept, said("unknown")):
        assert await store.revise(replace(message, text="edited")) is None


async def test_a_message_is_answered_anew_once_for_each_answer(store: SqlStore, home: Home) -> None:
    done = await answered(store, said("teh tide"))
    now = replace(done.message, text="the tide")
    turns = await asyncio.gather(*(store.open_turn(now, at=after(9), anew=done.turn.id) for _ in range(3)))
    (second,) = {turn.id for turn in turns if turn}
    assert second != done.turn.id
    assert [turn.attempts for turn in turns if turn] == [0, 0, 0]
    assert turns[0] is not None
    assert turns[0].shown.messages == ()
    await close(store, turns[0], now, text="another answer")
    assert await store.open_turn(now, at=after(9), anew=done.turn.id) is None
    assert await store.open_turn(now, at=after(9)) is None
    assert len((await store.ledger(TALK)).pieces) == 4
    third = await store.open_turn(now, at=after(9), anew=second)
    assert third is not None
    assert third.id not in (done.turn.id, second)
    assert await store.open_turn(now, at=after(9), anew=done.turn.id) is None
    assert await home.rows("deliveries") == 3


async def test_what_was_answered_last_is_what_an_edit_is_about(store: SqlStore) -> None:
    done = await answered(store, said("teh tide"))
    again = await store.open_turn(done.message, at=after(9), anew=done.turn.id)
    assert again is not None
    assert await store.revise(replace(done.message, text="the tide")) is None
    await close(store, again, done.message, text="second")
    found = await store.revise(replace(done.message, text="the tides"))
    assert found is not None
    assert (found.turn, found.outgoing.delivery.text) == (again.id, "second")


async def test_only_a_finished_turn_of_the_same_message_can_be_answered_anew(store: SqlStore) -> None:
    done, other = await answered(store, said("one")), said("two")
    running = await opened(store, other)
    for message, anew in ((other, running.id), (other, done.turn.id), (done.message, "unknown")):
        assert await store.open_turn(message, at=START, anew=anew) is None
    assert await store.open_turn(said("never heard of"), at=START, anew=done.turn.id) is None


async def test_after_a_crash_a_turn_that_answers_anew_is_taken_up_again(store: SqlStore) -> None:
    done = await answered(store, said("old", at=after(-7200)))
    await answered(store, said("fresh", at=after(1)))
    assert await store.waiting(since=START) == ()
    again = await store.open_turn(done.message, at=after(5), anew=done.turn.id)
    assert again is not None
    # It was asked for only now, however old the message is.
    assert await store.waiting(since=START) == (done.message,)
    assert await store.open_turn(done.message, at=after(6)) == again
    assert again.anew
    assert await store.waiting(since=after(10)) == ()
    assert [each.id for each in await store.late(before=after(10))] == [done.message.id]


async def test_the_question_of_a_turn_is_read_as_it_is_now(store: SqlStore) -> None:
    done = await answered(store, said("teh tide"))
    now = replace(done.message, text="the tide", edited_at=after(5))
    await store.revise(now)
    assert await store.asked(done.turn.id) == now
    assert await store.asked("unknown") is None
    await store.delete_messages(GENERAL, [now.id])
    assert await store.asked(done.turn.id) is None


async def test_a_deleted_question_takes_all_its_answers_along(store: SqlStore, home: Home) -> None:
    done = await answered(store, said(SECRET), text=SECRET)
    second = await store.open_turn(done.message, at=after(9), anew=done.turn.id)
    assert second is not None
    await close(store, second, done.message, text=SECRET)
    third = await store.open_turn(done.message, at=after(9), anew=second.id)
    assert third is not None
    assert (await store.delete_messages(GENERAL, [done.message.id])).turns == 3
    delivery = await close(store, third, done.message, text=SECRET)
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()
    assert await store.open_turn(done.message, at=after(9), anew=second.id) is None


# the button


async def test_a_shown_answer_gets_and_loses_a_button_through_the_outbox(store: SqlStore) -> None:
    done = await answered(store, said("teh tide"))
    outgoing = await store.save_actions(done.turn.id, (AGAIN,), kind="again")
    assert outgoing is not None
    assert outgoing.delivery == replace(done.delivery, actions=(AGAIN,))
    assert (outgoing.state, outgoing.shown) == (DeliveryState.READY, shows(done.delivery))
    assert await store.undelivered() == (outgoing,)
    assert await store.save_actions(done.turn.id, (AGAIN,), kind="again") is None
    await store.save_shown(done.delivery.id, outgoing.shown, DeliveryState.SENT)
    assert await store.save_actions(done.turn.id, (AGAIN,), kind="again") is None
    bare = await store.save_actions(done.turn.id, (), kind="again")
    assert bare is not None
    assert bare.delivery == done.delivery


@pytest.mark.parametrize("gone", ["deleted", "forgotten", "running", "unkept", "unshown", "unknown"])
async def test_what_is_not_shown_or_has_lost_its_words_gets_no_button(store: SqlStore, gone: str) -> None:
    message = said("one")
    if gone == "running":
        turn = (await opened(store, message)).id
    else:
        turn = (await answered(store, message, keep=gone != "unkept", show=gone != "unshown")).turn.id
    if gone == "deleted":
        await store.delete_messages(GENERAL, [message.id])
    if gone == "forgotten":
        await store.forget(ANA.key)
    assert await store.save_actions("unknown" if gone == "unknown" else turn, (AGAIN,), kind="again") is None
    assert all(not one.delivery.actions for one in await store.undelivered())


async def test_an_answer_that_was_asked_for_anew_expires_with_its_question(store: SqlStore, home: Home) -> None:
    done = await answered(store, said("one"))
    again = await store.open_turn(done.message, at=after(9), anew=done.turn.id)
    assert again is not None
    await close(store, again, done.message)
    await store.expire(now=START + timedelta(days=31), default_days=30)
    assert await home.rows("turns") == 0

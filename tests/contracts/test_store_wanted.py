"""Whether an answer is still to be shown: not when it is, and not when its words were deleted meanwhile."""

from __future__ import annotations

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState, Shown, ShownMessage
from tests.fakes import GENERAL, START, said
from tests.storage.acts import close, opened


async def test_a_closed_answer_is_wanted_until_it_is_shown(store: SqlStore) -> None:
    message = said("one")
    turn = await opened(store, message)
    assert await store.undelivered([turn.delivery_id]) == ()
    await close(store, turn, message)
    assert await store.undelivered([turn.delivery_id])
    await store.save_shown(turn.delivery_id, Shown(), DeliveryState.SENT)
    assert await store.undelivered([turn.delivery_id]) == ()


async def test_an_answer_whose_question_was_deleted_is_not_wanted_any_more(store: SqlStore) -> None:
    message = said("one")
    turn = await opened(store, message)
    await close(store, turn, message)
    await store.delete_messages(GENERAL, [message.id])
    assert await store.undelivered([turn.delivery_id]) == ()
    assert await store.undelivered(["nowhere"]) == ()


@pytest.mark.parametrize(
    "shown", [Shown(since=START), Shown(messages=(ShownMessage(id="half", digest=""),))], ids=["perhaps", "for certain"]
)
async def test_of_an_answer_that_was_being_sent_when_its_question_was_deleted_nothing_is_left_but_what_stands_there(
    store: SqlStore, shown: Shown
) -> None:
    message = said("one")
    turn = await opened(store, message)
    await store.save_shown(turn.delivery_id, shown)
    await close(store, turn, message)
    await store.delete_messages(GENERAL, [message.id])
    (left,) = await store.undelivered([turn.delivery_id])
    assert (left.state, left.delivery.text, left.shown) == (DeliveryState.OPEN, "", shown)
    await store.save_shown(turn.delivery_id, Shown(removed=1), DeliveryState.SENT)
    assert await store.undelivered([turn.delivery_id]) == ()

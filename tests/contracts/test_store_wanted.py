"""Whether a delivery is still wanted: as `undelivered` would say, but for one alone."""

from __future__ import annotations

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState, Shown
from tests.fakes import GENERAL, said
from tests.storage.acts import close, opened


async def test_a_closed_answer_is_wanted_until_it_is_shown(store: SqlStore) -> None:
    message = said("one")
    turn = await opened(store, message)
    assert not await store.wanted(turn.delivery_id)
    await close(store, turn, message)
    assert await store.wanted(turn.delivery_id)
    await store.save_shown(turn.delivery_id, Shown(), DeliveryState.SENT)
    assert not await store.wanted(turn.delivery_id)


async def test_an_answer_whose_question_was_deleted_is_not_wanted_any_more(store: SqlStore) -> None:
    message = said("one")
    turn = await opened(store, message)
    await close(store, turn, message)
    await store.delete_messages(GENERAL, [message.id])
    assert not await store.wanted(turn.delivery_id)
    assert not await store.wanted("nowhere")

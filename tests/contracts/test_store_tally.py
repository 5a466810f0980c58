"""What waits is counted: questions without an answer and deliveries that are not over, by the platforms asked of."""

from __future__ import annotations

from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Conversation
from bot.talk.record import Backlog
from tests.contracts.scene import ROOM, TALK, after
from tests.fakes import START, said
from tests.storage.acts import answered, opened

HERE = (ROOM.platform,)


def _is_empty(found: Backlog) -> None:
    assert (found.questions, found.oldest) == (0, None)
    assert {DeliveryState.OPEN, DeliveryState.READY} <= found.deliveries.keys()
    assert not any(found.deliveries.values())


async def test_an_empty_store_has_nothing_waiting(store: SqlStore) -> None:
    _is_empty(await store.tally(HERE))


async def test_questions_wait_until_their_turn_is_closed_and_the_oldest_is_told(store: SqlStore) -> None:
    await answered(store, said("answered", at=after(-9)), show=True)
    await opened(store, said("being answered", at=after(-5)))
    await store.record(said("not begun", at=after(-2)), keep=True)
    found = await store.tally(HERE)
    assert (found.questions, found.oldest) == (2, after(-5))
    assert (found.deliveries[DeliveryState.OPEN], found.deliveries[DeliveryState.READY]) == (1, 0)


async def test_deliveries_are_counted_until_they_are_over(store: SqlStore) -> None:
    for number, state in enumerate(DeliveryState):
        for one in range(number + 1):
            delivery = Delivery(id=f"{state}-{one}", conversation=TALK, text="x")
            await store.save_delivery(delivery, state, at=START)
    found = (await store.tally(HERE)).deliveries
    assert found[DeliveryState.OPEN] == 1
    assert found[DeliveryState.READY] == 2
    assert not found.keys() & {DeliveryState.SENT, DeliveryState.FAILED}


async def test_what_waits_on_a_platform_that_is_not_run_is_not_counted(store: SqlStore) -> None:
    elsewhere = replace(ROOM, platform="elsewhere")
    delivery = Delivery(id="d", conversation=Conversation(place=elsewhere), text="x")
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.record(said("hello?", place=elsewhere), keep=True)
    assert (await store.tally(HERE)).deliveries[DeliveryState.READY] == 0
    both = await store.tally((*HERE, "elsewhere"))
    assert (both.questions, both.deliveries[DeliveryState.READY]) == (1, 1)
    _is_empty(await store.tally(()))

"""What is to be shown waits in the outbox until it is sent, and is known by what is shown of it."""

from __future__ import annotations

from dataclasses import replace

from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation
from tests.contracts.scene import ROOM, TALK, after
from tests.fakes import ANA, START, said
from tests.storage.acts import answered, close, final, opened, shows


async def test_a_delivery_comes_back_whole_until_it_is_sent(store: SqlStore) -> None:
    buttons = (Action(id="stop", label="Stop", danger=True), Action(id="more", label="…"))
    delivery = Delivery(
        id="d1",
        conversation=Conversation(place=ROOM, only=ANA.key),
        text="ready",
        reply_to="m",
        handle="token",
        actions=buttons,
        lead="a demo speaks",
    )
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    (waiting,) = await store.undelivered()
    assert (waiting.delivery, waiting.created_at, waiting.turn) == (delivery, START, None)
    await store.save_shown("d1", shows(delivery), DeliveryState.SENT)
    assert await store.undelivered() == ()
    found = await store.shown_by(ROOM, "shown-d1")
    assert found is not None
    assert found.delivery == replace(delivery, handle=None)
    assert (found.state, found.shown) == (DeliveryState.SENT, shows(delivery))


async def test_saving_a_delivery_again_leaves_what_is_shown(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="first", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    await store.save_shown("d1", shows(delivery))
    await store.save_delivery(replace(delivery, text="second"), DeliveryState.READY, at=after(9))
    (one,) = await store.undelivered()
    assert (one.delivery.text, one.shown, one.created_at) == ("second", shows(delivery), START)


async def test_an_early_view_never_overwrites_the_final_text(store: SqlStore) -> None:
    message = said("hello?")
    turn = await opened(store, message)
    early = replace(final(turn, message, "an ans"), final=False)
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    await close(store, turn, message)
    await store.save_delivery(early, DeliveryState.OPEN, at=START)
    (one,) = await store.undelivered()
    assert (one.delivery.text, one.state) == ("an answer", DeliveryState.READY)


async def test_undelivered_are_ready_ones_and_open_ones_that_nobody_is_writing(store: SqlStore) -> None:
    message = said("being answered")
    await opened(store, message)
    done = await answered(store, said("answered", at=after(-5)), show=False)
    orphan = Delivery(id="orphan", conversation=TALK, text="half", final=False)
    await store.save_delivery(orphan, DeliveryState.OPEN, at=after(-9))
    gone = Delivery(id="gone", conversation=TALK, text="x")
    await store.save_delivery(gone, DeliveryState.FAILED, at=START)
    assert [one.delivery.id for one in await store.undelivered()] == ["orphan", done.delivery.id]


async def test_a_message_of_ours_that_is_no_longer_shown_belongs_to_nothing(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="long", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    two = Shown(messages=(ShownMessage(id="a", digest="1"), ShownMessage(id="b", digest="2")))
    await store.save_shown("d1", two)
    await store.save_shown("d1", Shown(messages=(ShownMessage(id="a", digest="3"),)))
    assert await store.shown_by(ROOM, "a") is not None
    assert await store.shown_by(ROOM, "b") is None
    assert await store.shown_by(replace(ROOM, id="other"), "a") is None
    await store.save_shown("never heard of", two)

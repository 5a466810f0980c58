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


async def test_a_doubt_and_what_somebody_deleted_come_back_with_what_is_shown(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="long", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    messages = (ShownMessage(id="a", digest="1", gone=True), ShownMessage(id="b", digest="2"))
    for known in (
        Shown(messages=messages, since=after(5), removed=2),
        Shown(since=after(5)),
        Shown(messages=messages),
        Shown(removed=1),
        Shown(),
    ):
        await store.save_shown("d1", known)
        (one,) = await store.undelivered()
        assert one.shown == known


async def test_a_message_of_ours_that_somebody_deletes_stays_deleted_whoever_saves_meanwhile(store: SqlStore) -> None:
    delivery = Delivery(id="d1", conversation=TALK, text="long", final=False)
    await store.save_delivery(delivery, DeliveryState.OPEN, at=START)
    two = Shown(messages=(ShownMessage(id="a", digest="1"), ShownMessage(id="b", digest="2")))
    await store.save_shown("d1", two)
    await store.delete_messages(replace(TALK.place, id="other"), ["a", "b"])
    await store.delete_messages(TALK.place, ["a", "not ours"])
    await store.save_shown("d1", two)
    (one,) = await store.undelivered()
    assert [each.gone for each in one.shown.messages] == [True, False]
    # One that is taken away by ourselves is not missed.
    await store.save_shown("d1", Shown(messages=two.messages[1:], removed=1))
    (one,) = await store.undelivered()
    assert [(each.id, each.gone) for each in one.shown.messages] == [("b", False)]


async def test_whose_a_message_of_ours_is_can_be_asked_for_many_at_once(store: SqlStore) -> None:
    for number in range(2):
        delivery = Delivery(id=f"d{number}", conversation=TALK, text="x")
        await store.save_delivery(delivery, DeliveryState.READY, at=START)
        await store.save_shown(delivery.id, Shown(messages=(ShownMessage(id=f"m{number}", digest="1"),)))
    many = [f"m{number}" for number in range(1500)]
    assert await store.claimed(TALK.place, many) == {"m0": "d0", "m1": "d1"}
    assert await store.claimed(None, many) == {"m0": "d0", "m1": "d1"}
    assert await store.claimed(replace(TALK.place, id="other"), many) == {}


async def test_the_backlog_names_the_oldest_and_they_can_be_read_by_their_ids(store: SqlStore) -> None:
    for number in range(5):
        delivery = Delivery(id=f"d{number}", conversation=TALK, text=f"{number}")
        await store.save_delivery(delivery, DeliveryState.READY, at=after(-number))
    assert await store.backlog(limit=2) == ("d4", "d3")
    await store.save_shown("d4", Shown(), DeliveryState.SENT)
    assert [each.delivery.id for each in await store.undelivered(["d1", "d3", "d4", "never"])] == ["d3", "d1"]
    assert await store.undelivered([]) == ()


async def test_what_is_unknown_is_over_and_can_be_listed(store: SqlStore) -> None:
    for number in range(3):
        delivery = Delivery(id=f"d{number}", conversation=TALK, text=f"{number}", handle="token")
        await store.save_delivery(delivery, DeliveryState.READY, at=after(number))
        await store.save_shown(delivery.id, Shown(since=START), DeliveryState.UNKNOWN)
    assert await store.undelivered() == ()
    assert [each.delivery.id for each in await store.unknown(limit=2)] == ["d2", "d1"]
    assert {each.delivery.handle for each in await store.unknown(limit=2)} == {None}

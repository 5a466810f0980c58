"""What a delivery tells of messages goes with them: before it is sent, while it is, and for a day after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.storage.withdrawing import WITHDRAWN_FOR
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.digest import Told, text_of
from bot.talk.message import Addressed, Conversation, Message, Person, Place
from bot.talk.policy import Consent
from tests.contracts.scene import ROOM, after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import CLEO, HARBOUR, shows
from tests.storage.homes import Home

Way = Callable[[SqlStore, Message], Awaitable[object]]


async def wrote(store: SqlStore, text: str, *, by: Person = BEN, place: Place = HARBOUR) -> Message:
    message = said(text, by=by, place=place, addressed=Addressed.NO, at=START)
    assert await store.record(message, keep=True)
    return message


def digest(*points: tuple[str, Collection[Message]]) -> Delivery:
    told = (
        Told(text="12 messages"),
        Told(text="### Decided", heading=True),
        *(
            Told(text=f"- {text}", messages=frozenset(each.id for each in of), rooms=frozenset({HARBOUR.key}))
            for text, of in points
        ),
    )
    return Delivery(id="d", conversation=Conversation(place=ROOM), text=text_of(told), told=told)


async def deleted(store: SqlStore, message: Message) -> None:
    await store.delete_messages(HARBOUR, [message.id])


async def forgotten(store: SqlStore, message: Message) -> None:
    await store.forget(message.author.key)


async def opted_out(store: SqlStore, message: Message) -> None:
    await store.save_consent(message.author.key, Consent(opted_out=True))


async def expired(store: SqlStore, message: Message) -> None:
    await store.expire(now=message.sent_at + timedelta(hours=25), default_days=1)


async def left(store: SqlStore, _: Message) -> None:
    await store.forget_guild("local", "marseille")


WAYS: tuple[Way, ...] = (deleted, forgotten, opted_out, expired, left)


async def text_in(store: SqlStore) -> str:
    (waiting,) = await store.undelivered(["d"])
    return waiting.delivery.text


async def test_what_a_delivery_tells_of_comes_back_with_it(store: SqlStore) -> None:
    one, other = await wrote(store, "one"), await wrote(store, "other")
    delivery = digest(("both", [one, other]), ("one", [one]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    (waiting,) = await store.undelivered()
    assert waiting.delivery == delivery


@pytest.mark.parametrize("way", WAYS)
async def test_it_goes_before_it_was_sent_and_the_rest_is_sent(store: SqlStore, home: Home, way: Way) -> None:
    message = await wrote(store, "ours", by=CLEO)
    kept = await wrote(store, "kept", place=ROOM)
    told = digest((SECRET, [message, kept]), ("stays", [kept]))
    await store.save_delivery(told, DeliveryState.READY, at=START + timedelta(days=1))
    await way(store, message)
    if way is expired:  # what stays expired as well
        assert await text_in(store) == "12 messages"
    else:
        assert await text_in(store) == digest(("stays", [kept])).text
    assert SECRET not in await home.everything()


@pytest.mark.parametrize("way", WAYS)
async def test_it_goes_before_it_was_written_down(store: SqlStore, home: Home, way: Way) -> None:
    message = await wrote(store, "ours", by=CLEO)
    await way(store, message)
    await store.save_delivery(digest((SECRET, [message])), DeliveryState.READY, at=START)
    assert await text_in(store) == "12 messages"
    assert SECRET not in await home.everything()


@pytest.mark.parametrize("way", WAYS)
async def test_for_a_day_what_stands_there_follows(store: SqlStore, home: Home, way: Way) -> None:
    told: list[str] = []
    store.on_edited(told.extend)
    message = await wrote(store, "ours", by=CLEO)
    delivery = digest((SECRET, [message]))
    await home.clock.advance(WITHDRAWN_FOR.total_seconds() - 1)
    await store.save_delivery(delivery, DeliveryState.READY, at=after(25 * 3600 if way is expired else 0))
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    await way(store, message)
    assert told == ["d"]
    (waiting,) = await store.undelivered(["d"])
    assert (waiting.delivery.text, waiting.shown) == ("12 messages", shows(delivery))
    await store.save_shown("d", shows(waiting.delivery), DeliveryState.SENT)
    assert await store.undelivered() == ()
    assert SECRET not in await home.everything()


async def test_after_a_day_what_stands_there_is_history_and_our_record_goes(store: SqlStore, home: Home) -> None:
    told: list[str] = []
    store.on_edited(told.extend)
    message = await wrote(store, "ours")
    delivery = digest((SECRET, [message]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    await home.clock.advance(WITHDRAWN_FOR.total_seconds())
    await deleted(store, message)
    assert (told, await store.undelivered()) == ([], ())
    assert SECRET not in await home.everything()


async def test_what_went_while_it_was_being_sent_is_shown_once_more_without_it(store: SqlStore) -> None:
    message = await wrote(store, "ours")
    delivery = digest((SECRET, [message]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await deleted(store, message)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    assert await text_in(store) == "12 messages"
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    assert await store.undelivered() == ()


async def test_words_that_were_changed_before_it_was_sent_are_not_sent(store: SqlStore, home: Home) -> None:
    message, kept = await wrote(store, SECRET), await wrote(store, "kept")
    delivery = digest((SECRET, [message]), ("stays", [kept]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.revise(replace(message, text="nothing", edited_at=after(60)))
    assert await text_in(store) == digest(("stays", [kept])).text
    assert SECRET not in await home.everything()


async def test_words_that_were_changed_between_the_last_look_and_writing_it_down_are_not_told(
    store: SqlStore, home: Home
) -> None:
    message, kept = await wrote(store, SECRET), await wrote(store, "edited before")
    await store.revise(replace(kept, text="kept", edited_at=after(5)))
    whole = digest((SECRET, [message]), ("stays", [kept]))
    read = frozenset({(kept.id, after(5))})
    whole = replace(whole, told=tuple(replace(each, edited=read) for each in whole.told))
    await store.revise(replace(message, text="nothing", edited_at=after(10)))
    await store.save_delivery(whole, DeliveryState.READY, at=START)
    assert await text_in(store) == digest(("stays", [kept])).text
    assert SECRET not in await home.everything()


async def test_a_day_counts_from_when_it_was_sent_and_not_from_when_it_was_written_down_or_changed(
    store: SqlStore, home: Home
) -> None:
    told: list[str] = []
    store.on_edited(told.extend)
    first, second = await wrote(store, "first"), await wrote(store, "second")
    delivery = digest(("first", [first]), ("second", [second]))
    await store.save_delivery(delivery, DeliveryState.READY, at=home.clock.now())
    await home.clock.advance(WITHDRAWN_FOR.total_seconds() - 60)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    await home.clock.advance(WITHDRAWN_FOR.total_seconds() - 60)
    await deleted(store, first)
    assert told == ["d"]
    await store.save_shown("d", shows(delivery, digest="e"), DeliveryState.SENT)
    await home.clock.advance(60)
    await deleted(store, second)
    assert told == ["d"]


async def test_words_that_were_changed_while_it_waits_to_be_taken_are_not_told(store: SqlStore, home: Home) -> None:
    message, kept = await wrote(store, SECRET), await wrote(store, "kept")
    private = replace(
        digest((SECRET, [message]), ("stays", [kept])), conversation=Conversation(place=ROOM, only=ANA.key)
    )
    await store.save_delivery(private, DeliveryState.READY, at=START)
    await store.save_shown("d", Shown(), DeliveryState.FAILED)
    await store.revise(replace(message, text="nothing", edited_at=after(60)))
    waiting = await store.unclaimed("d")
    assert waiting is not None
    assert waiting.text == digest(("stays", [kept])).text
    assert SECRET not in await home.everything()


async def test_words_that_are_changed_after_it_was_sent_were_said_then(store: SqlStore) -> None:
    message = await wrote(store, "ours")
    delivery = digest(("ours", [message]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    await store.revise(replace(message, text="nothing", edited_at=after(60)))
    assert await store.undelivered() == ()
    await deleted(store, message)
    assert await text_in(store) == "12 messages"


async def test_somebody_elses_deletion_changes_nothing(store: SqlStore) -> None:
    told: list[str] = []
    store.on_edited(told.extend)
    message, other = await wrote(store, "ours"), await wrote(store, "other", by=ANA)
    delivery = digest(("ours", [message]))
    await store.save_delivery(delivery, DeliveryState.READY, at=START)
    await store.save_shown("d", shows(delivery), DeliveryState.SENT)
    for way in (deleted, opted_out, forgotten):
        await way(store, other)
    assert (told, await store.undelivered()) == ([], ())

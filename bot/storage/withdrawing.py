"""Deliveries that tell of people's messages: a stretch of their text goes with the messages that it tells of.

What has not been shown yet is shown without it, also where the words were changed. What stands on a platform is brought
to show the rest for a day; what our record says of it goes in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from bot.storage import delivery_codec
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.digests import read_as
from bot.storage.places import insert
from bot.storage.tables import deliveries, delivery_sources, messages
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Told, messages_of, text_of, without

WITHDRAWN_FOR = timedelta(days=1)
"""So long after it was sent what a delivery shows follows the messages that it tells of."""


def as_of_now(connection: Connection, delivery: Delivery) -> Delivery:
    """Without what tells of messages that went meanwhile or read otherwise by now, before it is written down."""
    named = messages_of(delivery.told)
    if not named:
        return delivery
    guard_words(connection, forgetting=False)
    there = read_as(connection, delivery.conversation.place.platform, named)
    told = without(delivery.told, messages=(named - there.keys()) | _reworded(delivery.told, there))
    if not told:
        return replace(delivery, told=(), text="", lead="", actions=())
    return replace(delivery, told=told, text=text_of(told))


def _showing(left: Sequence[Told]) -> dict[str, Any]:
    """Where nothing is left, not even that somebody said something."""
    nothing: dict[str, Any] = {} if left else {"lead": "", "actions": None}
    return {"told": delivery_codec.dump_told(tuple(left)), "text": text_of(left), **nothing}


def _reworded(told: Sequence[Told], there: Mapping[str, datetime | None]) -> set[str]:
    """Those of these messages that have been edited since they were read."""
    return {
        message
        for each in told
        if each.edited is not None
        for message in each.messages & there.keys()
        if there[message] != dict(each.edited).get(message)
    }


def note_sources(connection: Connection, some: Iterable[Delivery]) -> None:
    """So that `withdraw` finds them."""
    telling = {each.id: each for each in some if messages_of(each.told)}
    for batch in batches(telling):
        connection.execute(delete(delivery_sources).where(delivery_sources.c.delivery.in_(batch)))
    rows = [
        {"delivery": each.id, "platform": each.conversation.place.platform, "message": message}
        for each in telling.values()
        for message in sorted(messages_of(each.told))
    ]
    if rows:
        connection.execute(insert(connection, delivery_sources).on_conflict_do_nothing(), rows)


def withdraw(connection: Connection, platform: str, ids: Collection[str], *, now: datetime) -> set[str]:
    """What tells of these messages; the ids of those deliveries that have to be shown anew."""
    edited: set[str] = set()
    for batch in batches(ids):
        which = (delivery_sources.c.platform == platform, delivery_sources.c.message.in_(batch))
        found = connection.execute(
            select(
                deliveries.c.id,
                deliveries.c.told,
                deliveries.c.state,
                func.coalesce(deliveries.c.sent_at, deliveries.c.created_at).label("sent_at"),
            )
            .where(deliveries.c.id.in_(select(delivery_sources.c.delivery).where(*which)))
            .order_by(deliveries.c.id)
            .with_for_update()
        ).all()
        for row in found:
            told = delivery_codec.load_told(row.told)
            left = without(told, messages=batch)
            if len(left) == len(told):
                continue
            values = _showing(left)
            if row.state in _UNDER_WAY:
                values["changed"] = True
            elif row.state == DeliveryState.SENT.value and row.sent_at > now - WITHDRAWN_FOR:
                values["state"] = DeliveryState.READY.value
                edited.add(row.id)
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(**values))
        if found:
            connection.execute(delete(delivery_sources).where(*which))
    return edited


def withdraw_unsent(connection: Connection, platform: str, message: str) -> None:
    """What was not sent yet and tells of a message that reads otherwise by now. What was sent was said then."""
    which = (delivery_sources.c.platform == platform, delivery_sources.c.message == message)
    found = connection.execute(
        select(deliveries.c.id, deliveries.c.told)
        .join(delivery_sources, delivery_sources.c.delivery == deliveries.c.id)
        .where(*which, deliveries.c.state.in_(_NOT_SENT))
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries)
    ).all()
    for row in found:
        left = without(delivery_codec.load_told(row.told), messages={message})
        values = {**_showing(left), "changed": True}
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(**values))
        connection.execute(delete(delivery_sources).where(*which, delivery_sources.c.delivery == row.id))


def withdraw_of_person(connection: Connection, person: str, *, now: datetime) -> set[str]:
    """What tells of anything that they said."""
    return withdraw(connection, person.partition(":")[0], _named(connection, messages.c.author == person), now=now)


def withdraw_of_places(connection: Connection, keys: Collection[str], *, now: datetime) -> set[str]:
    """What tells of anything that was said there."""
    edited: set[str] = set()
    for batch in batches(keys):
        for platform in {key.partition(":")[0] for key in batch}:
            here = [key for key in batch if key.startswith(f"{platform}:")]
            named = _named(connection, messages.c.place.in_(here))
            edited |= withdraw(connection, platform, named, now=now)
    return edited


def _named(connection: Connection, which: Any) -> list[str]:
    """Of these messages those that any delivery tells of."""
    return list(
        connection.execute(
            select(delivery_sources.c.message)
            .join(
                messages,
                (messages.c.platform == delivery_sources.c.platform) & (messages.c.id == delivery_sources.c.message),
            )
            .where(which)
            .distinct()
        ).scalars()
    )


_UNDER_WAY = {DeliveryState.OPEN.value, DeliveryState.READY.value}
_NOT_SENT = _UNDER_WAY | {DeliveryState.FAILED.value, DeliveryState.BARRED.value}
"""What failed may still be asked for by whom it was for."""

"""What digests are made from: the messages of a period that people said to all of a place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from bot.ports.digests import Kept, Spoken
from bot.storage.batches import batches
from bot.storage.columns import ticks
from bot.storage.places import place_columns, to_place
from bot.storage.tables import messages, places
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL, message_columns, to_message
from bot.talk.digest import Order, Period
from bot.talk.message import Message, Place, PlaceKind

TOLD = (messages.c.body.is_not(None), messages.c.transient.is_(False), *SAID_TO_ALL, OF_WHO_ALLOWS_IT)
"""What a digest may tell of."""


def within(period: Period) -> tuple[ColumnElement[bool], ...]:
    heard = [] if period.last is None else [messages.c.seq <= period.last]
    untold = [or_(messages.c.sent_at >= each.until, messages.c.seq > each.last) for each in period.told]
    return (messages.c.sent_at >= period.since, messages.c.sent_at < period.until, *heard, *untold)


def spoken(connection: Connection, order: Order) -> tuple[Spoken, ...]:
    meant = {place.key: place for place in _places(connection, order) if _is_meant(place, order)}
    found: list[Spoken] = []
    for batch in batches(sorted(meant)):
        counted = (
            select(messages.c.place, func.count().label("number"))
            .where(messages.c.place.in_(batch), *within(order.period), *TOLD)
            .group_by(messages.c.place)
        )
        found += [Spoken(place=meant[row.place], messages=row.number) for row in connection.execute(counted)]
    return tuple(sorted(found, key=lambda each: (each.place.room, each.place.key)))


def _is_meant(place: Place, order: Order) -> bool:
    if place.platform != order.platform or place.room not in order.rooms:
        return False
    return not order.places or place.key in order.places or place.room in order.places


def _places(connection: Connection, order: Order) -> list[Place]:
    """These rooms, and what may be open threads of them."""
    found: list[Place] = []
    for batch in batches(sorted(order.rooms)):
        parents = [key.removeprefix(f"{order.platform}:") for key in batch]
        threads = and_(
            places.c.platform == order.platform,
            places.c.parent.in_(parents),
            places.c.open.is_(True),
            places.c.kind == PlaceKind.THREAD.value,
        )
        for which in (places.c.key.in_(batch), threads):
            rows = connection.execute(select(*place_columns()).select_from(places).where(which)).mappings()
            found += [to_place(row) for row in rows]
    return found


def said(connection: Connection, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
    behind: list[ColumnElement[bool]] = []
    if after is not None:
        at = after.message.sent_at
        # The first condition is there for the index on (place, sent_at).
        later = or_(messages.c.sent_at > at, and_(messages.c.sent_at == at, messages.c.seq > after.seq))
        behind = [messages.c.sent_at >= at, later]
    rows = connection.execute(
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .where(messages.c.place == place.key, *within(period), *behind, *TOLD)
        .order_by(messages.c.sent_at, messages.c.seq)
        .limit(limit)
    )
    return tuple(_kept(row) for row in rows.mappings())


def _kept(row: RowMapping) -> Kept:
    return Kept(seq=row["seq"], mark=mark(row["seq"], row["edited_at"], len(row["body"])), message=to_message(row))


def mark(seq: int, edited_at: Any, length: int) -> str:
    """`length`: of the body, from which quotes may go without an edit."""
    return f"{seq}.{'' if edited_at is None else ticks(edited_at)}.{length}"


def sources(connection: Connection, platform: str, ids: Collection[str]) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for batch in batches(ids):
        rows = connection.execute(
            select(*message_columns())
            .join(places, places.c.key == messages.c.place)
            .where(messages.c.platform == platform, messages.c.id.in_(batch), *TOLD)
        )
        found |= {row["id"]: to_message(row) for row in rows.mappings()}
    return found


def read_as(connection: Connection, platform: str, ids: Collection[str]) -> dict[str, datetime | None]:
    """Of these messages those that may be told of now, each with when it was edited."""
    found: dict[str, datetime | None] = {}
    for batch in batches(ids):
        which = (messages.c.platform == platform, messages.c.id.in_(batch), *TOLD)
        rows = connection.execute(select(messages.c.id, messages.c.edited_at).where(*which))
        found |= {row.id: row.edited_at for row in rows}
    return found

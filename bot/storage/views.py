"""Reading for pages and programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select

from bot.storage.connection import Connections
from bot.storage.outbox import outgoing, to_outgoing
from bot.storage.places import place_columns, to_place
from bot.storage.tables import deliveries, messages, places
from bot.storage.transcript import SAID_TO_ALL, message_columns, to_message
from bot.talk.delivery import DeliveryState
from bot.talk.message import Place
from bot.talk.record import Entry


class Looks:
    """The store's verbs for pages and programs."""

    _db: Connections

    async def places(self, platform: str) -> tuple[Place, ...]:
        return await self._db.read(lambda c: list_places(c, platform))

    async def entries(self, place: Place, *, before: datetime | None = None, limit: int) -> tuple[Entry, ...]:
        """Private answers are left out: whoever reads them has them on their own screen."""
        return await self._db.read(lambda c: entries(c, place, before=before, limit=limit))


def list_places(connection: Connection, platform: str) -> tuple[Place, ...]:
    rows = connection.execute(
        select(*place_columns()).where(places.c.platform == platform).order_by(places.c.name, places.c.id)
    )
    return tuple(to_place(row) for row in rows.mappings())


def entries(connection: Connection, place: Place, *, before: datetime | None, limit: int) -> tuple[Entry, ...]:
    """What has words, by time; also what is being written just now. Private answers are not part of a place."""
    said = (
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .where(
            messages.c.place == place.key,
            messages.c.body.is_not(None),
            *SAID_TO_ALL,
        )
        .order_by(messages.c.sent_at.desc(), messages.c.seq.desc())
        .limit(limit)
    )
    sent = (
        outgoing()
        .where(
            deliveries.c.place == place.key,
            deliveries.c.only.is_(None),
            or_(deliveries.c.text != "", deliveries.c.state == DeliveryState.OPEN.value),
        )
        .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        said = said.where(messages.c.sent_at < before)
        sent = sent.where(deliveries.c.created_at < before)
    heard = [to_message(row) for row in connection.execute(said).mappings()]
    ours = [to_outgoing(row) for row in connection.execute(sent).mappings()]
    merged = [Entry(at=message.sent_at, message=message) for message in reversed(heard)]
    merged += [Entry(at=one.created_at, outgoing=one) for one in reversed(ours)]
    # The sort is stable: of one moment, what people said stands before what we answered.
    merged.sort(key=lambda entry: entry.at)
    return tuple(merged[-limit:] if limit else ())

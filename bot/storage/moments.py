"""When things were said, and deliveries that found no way to their person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, text

from bot.ports.moments import News
from bot.storage.connection import Connections
from bot.storage.outbox import outgoing, to_outgoing
from bot.storage.tables import deliveries, messages
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Place

_SAID = (messages.c.body.is_not(None), messages.c.transient.is_(False), *SAID_TO_ALL, OF_WHO_ALLOWS_IT)

_NOT_TAKEN = [DeliveryState.READY.value, DeliveryState.FAILED.value, DeliveryState.BARRED.value]


def news(connection: Connection, platform: str, *, after: int | None) -> News:
    if connection.dialect.name == "postgresql":
        # Waits for what is just being written down: its numbers may be lower than those that are there already.
        connection.execute(text("LOCK TABLE messages IN SHARE MODE"))
    last = connection.execute(select(func.max(messages.c.seq))).scalar() or 0
    if after is None:
        return News(last=last)
    new = (messages.c.seq > after, messages.c.platform == platform)
    return News(last=last, since=connection.execute(select(func.min(messages.c.sent_at)).where(*new)).scalar())


def first_said(connection: Connection, place: Place) -> datetime | None:
    first = (
        select(messages.c.sent_at).where(messages.c.place == place.key, *_SAID).order_by(messages.c.sent_at).limit(1)
    )
    return connection.execute(first).scalar()


def last_said(connection: Connection, person: str, place: Place, *, before: datetime) -> datetime | None:
    latest = (
        select(messages.c.sent_at)
        .where(messages.c.place == place.key, messages.c.author == person, messages.c.sent_at < before, *_SAID)
        .order_by(messages.c.sent_at.desc())
        .limit(1)
    )
    return connection.execute(latest).scalar()


def moments_from(connection: Connection, place: Place, message: str, *, limit: int) -> tuple[datetime, ...]:
    here = (messages.c.place == place.key, *_SAID)
    first = connection.execute(
        select(messages.c.sent_at, messages.c.seq).where(messages.c.id == message, *here)
    ).first()
    if first is None:
        return ()
    since = or_(
        messages.c.sent_at > first.sent_at, and_(messages.c.sent_at == first.sent_at, messages.c.seq >= first.seq)
    )
    found = select(messages.c.sent_at).where(*here, since).order_by(messages.c.sent_at, messages.c.seq).limit(limit)
    return tuple(connection.execute(found).scalars())


def unclaimed(connection: Connection, delivery_id: str) -> Delivery | None:
    """Where a button stands for it, it may not have been closed yet."""
    not_taken = (deliveries.c.state.in_(_NOT_TAKEN), deliveries.c.only.is_not(None), deliveries.c.text != "")
    row = connection.execute(outgoing().where(deliveries.c.id == delivery_id, *not_taken)).mappings().first()
    return None if row is None else to_outgoing(row).delivery


class SqlMoments:
    """Implements `bot.ports.moments.Moments`."""

    _db: Connections

    async def news(self, platform: str, *, after: int | None) -> News:
        return await self._db.read(lambda c: news(c, platform, after=after))

    async def first_said(self, place: Place) -> datetime | None:
        return await self._db.read(lambda c: first_said(c, place))

    async def last_said(self, person: str, place: Place, *, before: datetime) -> datetime | None:
        return await self._db.read(lambda c: last_said(c, person, place, before=before))

    async def moments_from(self, place: Place, message: str, *, limit: int) -> tuple[datetime, ...]:
        return await self._db.read(lambda c: moments_from(c, place, message, limit=limit))

    async def unclaimed(self, delivery_id: str) -> Delivery | None:
        return await self._db.read(lambda c: unclaimed(c, delivery_id))

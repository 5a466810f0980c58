"""The part of the store that keeps deliveries: each verb is one transaction over `storage/outbox.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.ports import Clock
from bot.storage import outbox, outbox_shown
from bot.storage.connection import Connections
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.message import Place
from bot.talk.record import Outgoing


class SqlOutbox:
    """Implements `bot.ports.outbox.OutboxStore`."""

    _db: Connections
    _clock: Clock

    async def save_delivery(self, delivery: Delivery, state: DeliveryState, *, at: datetime) -> None:
        await self._db.write(lambda c: outbox.save_delivery(c, delivery, state, at=at))

    async def save_actions(self, turn: str, actions: Sequence[Action], *, kind: str) -> Outgoing | None:
        return await self._db.write(lambda c: outbox.save_actions(c, turn, tuple(actions), kind=kind))

    async def save_shown(self, delivery_id: str, shown: Shown, state: DeliveryState | None = None) -> bool:
        now = self._clock.now()
        return await self._db.write(lambda c: outbox_shown.save_shown(c, delivery_id, shown, state, at=now))

    async def undelivered(self, ids: Collection[str] | None = None) -> tuple[Outgoing, ...]:
        return await self._db.read(lambda c: outbox.undelivered(c, ids))

    async def backlog(self, *, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: outbox.backlog(c, limit=limit))

    async def unknown(self, *, limit: int) -> tuple[Outgoing, ...]:
        return await self._db.read(lambda c: outbox.unknown(c, limit=limit))

    async def claimed(self, place: Place | None, message_ids: Collection[str]) -> Mapping[str, str]:
        return await self._db.read(lambda c: outbox_shown.claimed(c, place, message_ids))

    async def delivery_state(self, delivery_id: str) -> DeliveryState | None:
        return await self._db.read(lambda c: outbox.state_of(c, delivery_id))

    async def shown_by(self, place: Place, message_id: str) -> Outgoing | None:
        return await self._db.read(lambda c: outbox.shown_by(c, place, message_id))

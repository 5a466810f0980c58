"""The part of the store that digests are made from: each verb is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.ports.digests import Kept, Spoken, Stage
from bot.storage import digests, stages
from bot.storage.connection import Connections
from bot.talk.digest import Order, Period
from bot.talk.message import Message, Place


class SqlDigests:
    """Implements `bot.ports.digests.DigestStore`."""

    _db: Connections

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        return await self._db.read(lambda c: digests.spoken(c, order))

    async def said(self, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
        return await self._db.read(lambda c: digests.said(c, place, period, after=after, limit=limit))

    async def sources(self, platform: str, ids: Collection[str]) -> Mapping[str, Message]:
        return await self._db.read(lambda c: digests.sources(c, platform, ids))

    async def stages(self, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
        return await self._db.read(lambda c: stages.stages(c, place, asked, period))

    async def save_stages(self, made: Sequence[Stage], *, at: datetime) -> None:
        await self._db.write(lambda c: stages.save_stages(c, made, at=at))

"""The part of the store that support channels live on: each verb is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.ports import Clock
from bot.storage import support, support_questions, support_talks
from bot.storage.connection import Connections
from bot.storage.support_threading import SqlSupportThreads
from bot.talk.delivery import Delivery
from bot.talk.message import Message, Place
from bot.talk.record import Outgoing
from bot.talk.support import SetUp, Silence, SupportChannel, Talk


class SqlSupport(SqlSupportThreads):
    """Implements `bot.ports.support.SupportStore`."""

    _db: Connections
    _clock: Clock

    async def support_channel(self, place: Place) -> SupportChannel | None:
        return await self._db.read(lambda c: support.of(c, place))

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        return await self._db.read(lambda c: support.among(c, platform, guild))

    async def save_support_channel(self, channel: SupportChannel) -> None:
        await self._db.write(lambda c: support.save(c, channel))

    async def drop_support_channel(self, place: Place) -> bool:
        return await self._db.write(lambda c: support.drop(c, place))

    async def save_set_up(self, set_up: SetUp, *, at: datetime) -> None:
        await self._db.write(lambda c: support.save_set_up(c, set_up, at=at))

    async def set_up(self, set_up_id: str, *, now: datetime) -> SetUp | None:
        return await self._db.read(lambda c: support.set_up(c, set_up_id, now=now))

    async def drop_set_up(self, set_up_id: str) -> None:
        await self._db.write(lambda c: support.drop_set_up(c, set_up_id))

    async def take_set_up(self, set_up: SetUp) -> bool:
        return await self._db.write(lambda c: support.take_set_up(c, set_up))

    async def talks(self, place: Place) -> Sequence[Talk]:
        return await self._db.read(lambda c: support_talks.talks(c, place))

    async def talk(self, place: Place, asker: str | None = None) -> Talk | None:
        return await self._db.read(lambda c: support_talks.talk(c, place, asker))

    async def open_talk(self, place: Place, asker: str, *, at: datetime) -> Talk:
        return await self._db.write(lambda c: support_talks.open_talk(c, place, asker, at=at))

    async def spoke(self, talk: Talk, *, at: datetime) -> None:
        await self._db.write(lambda c: support_talks.spoke(c, talk, at=at))

    async def silence(
        self, talk: Talk, why: Silence, *, at: datetime, told: Delivery | None, once: bool = True
    ) -> tuple[bool, bool]:
        now = self._clock.now()
        return await self._db.write(lambda c: support_talks.silence(c, talk, why, at=at, told=told, once=once, now=now))

    async def call_back(self, talk: Talk, *, at: datetime, overruled: Collection[str], anew: bool) -> bool:
        return await self._db.write(lambda c: support_talks.call_back(c, talk, at=at, overruled=overruled, anew=anew))

    async def count_answer(self, talk: Talk, message: Message) -> None:
        await self._db.write(lambda c: support_talks.count_answer(c, talk, message))

    async def answers_counted(
        self, place: Place, person: str, *, since: datetime, of_thread: datetime | None, besides: str = ""
    ) -> tuple[int, int]:
        return await self._db.read(
            lambda c: support_talks.answers_counted(c, place, person, since=since, of_thread=of_thread, besides=besides)
        )

    async def join(self, message: Message, earlier: Collection[str]) -> Collection[str] | None:
        return await self._db.write(lambda c: support_questions.join(c, message, earlier))

    async def joined(self, message: Message) -> Sequence[Message]:
        return await self._db.read(lambda c: support_questions.joined(c, message))

    async def let_go(self, place: Place, asker: str, *, besides: Collection[str] = ()) -> Sequence[Outgoing]:
        now = self._clock.now()
        return await self._db.write(lambda c: support_questions.let_go(c, place, asker, besides=besides, at=now))

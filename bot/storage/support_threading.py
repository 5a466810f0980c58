"""The part of the store that knows the threads of questions: each verb is one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.storage import support_threads
from bot.storage.connection import Connections
from bot.talk.message import Addressed, Message, Place
from bot.talk.support import Talk


class SqlSupportThreads:
    """Implements `bot.ports.support_threads.QuestionThreads`."""

    _db: Connections

    async def home(self, place: Place, message: str) -> tuple[Place, Addressed] | None:
        return await self._db.read(lambda c: support_threads.home(c, place.platform, message))

    async def homes(self, place: Place, ids: Collection[str]) -> Collection[Place]:
        return await self._db.read(lambda c: support_threads.homes(c, place.platform, ids))

    async def author_of(self, place: Place, message: str) -> str | None:
        return await self._db.read(lambda c: support_threads.author_of(c, place, message))

    async def latest_thread(self, channel: Place, asker: str, *, since: datetime) -> Talk | None:
        return await self._db.read(lambda c: support_threads.latest_thread(c, channel, asker, since=since))

    async def is_begun(self, place: Place, ids: Collection[str]) -> bool:
        return await self._db.read(lambda c: support_threads.is_begun(c, place.platform, ids))

    async def move(self, asked: Collection[Message], thread: Place) -> Talk | None:
        return await self._db.write(lambda c: support_threads.move(c, asked, thread))

"""The outbox alone, over a real store, a fake platform and a clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.deliver import Deliver
from bot.errors import PlatformUnavailable
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery
from bot.talk.message import Conversation
from tests.fakes import GENERAL, FakeClock, FakeCounters, FakePlatform
from tests.stores import open_store

NEWS = Delivery(id="news", conversation=Conversation(place=GENERAL), text="Low tide at six.")
VIEW = replace(NEWS, text="", final=False, actions=(Action(id="stop:1", label="Stop"),))
AWAY = PlatformUnavailable("away")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quay:
    store: SqlStore
    platform: FakePlatform
    clock: FakeClock
    counters: FakeCounters
    deliver: Deliver

    def texts(self) -> list[str]:
        return [each.text for each in self.platform.standing.values()]

    async def waiting(self) -> list[str]:
        return [each.delivery.id for each in await self.store.undelivered()]

    async def passes(self, seconds: float) -> None:
        """Time, second by second."""
        await self._settled()
        while seconds > 0:
            await self.clock.advance(min(1.0, seconds))
            await self._settled()
            seconds -= 1.0

    async def _settled(self) -> None:
        for _ in range(3):  # a pause of no time at all ends when time is let pass
            await self.clock.advance(0)


@asynccontextmanager
async def quay(
    folder: Path,
    *,
    platform: FakePlatform | None = None,
    clock: FakeClock | None = None,
    pace: float = 0.0,
    silent: bool = False,
) -> AsyncGenerator[Quay]:
    platform, clock, counters = platform or FakePlatform(), clock or FakeClock(), FakeCounters()
    async with open_store(Settings().database, folder, clock=clock) as store:
        deliver = Deliver(
            store,
            {platform.name: platform},
            pace={platform.name: pace},
            clock=clock,
            counters=counters,
            silent=[platform.name] if silent else [],
        )
        await deliver.load()
        drain = asyncio.create_task(deliver.run())
        try:
            yield Quay(store=store, platform=platform, clock=clock, counters=counters, deliver=deliver)
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)

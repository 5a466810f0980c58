"""Ticks: at regular moments a `Tick` is heard, and what follows from it is the verbs' business.

APScheduler only says when. Its jobs put a name into a queue and end at once; the ticks are heard one after another by
`run` itself, so that no work happens in a task that nobody owns. What is due then stands in a table of ours
(docs/decisions/0008): a tick that is lost or comes twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.errors import CalanqueError
from bot.ports import Clock, Hear
from bot.talk.event import Tick

GRACE_SECONDS = 3600
"""A tick missed by a machine that slept is made up for so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a tick of this name comes."""

    name: str
    trigger: BaseTrigger


def every_minute(name: str) -> Rhythm:
    """With the minutes of the machine's clock, so that what is planned for a full minute is looked for then."""
    return Rhythm(name=name, trigger=CronTrigger(second=0, timezone=ZoneInfo("UTC")))


class Schedule:
    """Hears a tick whenever one of its rhythms says so."""

    def __init__(self, *, rhythms: Sequence[Rhythm], hear: Hear, clock: Clock) -> None:
        self._rhythms = tuple(rhythms)
        self._hear = hear
        self._clock = clock
        # A name waits at most once, so this never holds more than there are rhythms.
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> int:
        """Ticks that are due and not heard yet."""
        return len(self._waiting)

    async def run(self) -> None:
        """Tick until cancelled. A tick that fails is logged; the next one comes all the same."""
        scheduler = AsyncIOScheduler(timezone=ZoneInfo("UTC"))
        for rhythm in self._rhythms:
            scheduler.add_job(
                self._put,
                rhythm.trigger,
                args=[rhythm.name],
                id=rhythm.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=GRACE_SECONDS,
            )
        scheduler.start()
        try:
            while True:
                name = await self._due.get()
                self._waiting.discard(name)
                await self._tick(name)
        finally:
            scheduler.shutdown(wait=False)

    async def _put(self, name: str) -> None:
        # A coroutine because APScheduler would run a plain function in a thread.
        if name not in self._waiting:
            self._waiting.add(name)
            self._due.put_nowait(name)

    async def _tick(self, name: str) -> None:
        try:
            await self._hear(Tick(name=name, at=self._clock.now()))
        except CalanqueError as error:
            _log.warning("the tick %r failed: %s", name, error)
        except Exception:
            _log.exception("the tick %r failed", name)

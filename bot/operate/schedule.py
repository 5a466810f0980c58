"""Ticks: at planned moments a `Tick` is heard, and what follows from it is the verbs' business.

APScheduler only says when. Its jobs put a name into a queue and end at once; the ticks are heard one after another by
`run` itself, so that no work happens in a task that nobody owns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.errors import CalanqueError
from bot.ports import Clock, Hear
from bot.talk.event import Tick

GRACE_SECONDS = 6 * 3600
"""A tick missed by a machine that slept is made up for so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a tick of this name is due. `at_start`: once right after the start, too."""

    name: str
    trigger: BaseTrigger
    at_start: bool = False


def daily(name: str, *, at: time, timezone: str, at_start: bool = False) -> Plan:
    """Every day at a wall-clock time of the community's own time zone (an IANA name)."""
    trigger = CronTrigger(hour=at.hour, minute=at.minute, second=at.second, timezone=ZoneInfo(timezone))
    return Plan(name=name, trigger=trigger, at_start=at_start)


class Schedule:
    """Hears a tick whenever one of its plans is due."""

    def __init__(self, *, plans: Sequence[Plan], hear: Hear, clock: Clock) -> None:
        self._plans = tuple(plans)
        self._hear = hear
        self._clock = clock
        # A name waits at most once, so this never holds more than there are plans.
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> int:
        """Ticks that are due and not heard yet."""
        return len(self._waiting)

    async def run(self) -> None:
        """Tick until cancelled. A tick that fails is logged; the next one comes all the same."""
        scheduler = AsyncIOScheduler(timezone=ZoneInfo("UTC"))
        for plan in self._plans:
            scheduler.add_job(
                self._put,
                plan.trigger,
                args=[plan.name],
                id=plan.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=GRACE_SECONDS,
            )
            if plan.at_start:
                await self._put(plan.name)
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

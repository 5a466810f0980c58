"""Tells again what the store could not take and nobody else will tell again: that words or places are gone.

Kept in memory: what still waits when the program ends is lost, and is logged as not yet taken before.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from bot.errors import DatabaseUnusable
from bot.ports import Clock, Counters, Hear
from bot.talk.event import Deleted, Left

LIMIT = 1000
"""Events that may wait; later ones are given up and logged as errors."""

WAITS = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before each new attempt; the last one repeats."""

_log = logging.getLogger(__name__)


class Insistence:
    """Outlives connections. `run` is to be going on in one task at a time."""

    def __init__(self, clock: Clock, counters: Counters, *, limit: int = LIMIT) -> None:
        self._clock = clock
        self._counters = counters
        self._limit = limit
        self._waiting: deque[Deleted | Left] = deque()
        self._news = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, event: Deleted | Left) -> None:
        if len(self._waiting) >= self._limit:
            self._counters.add("discord_deletions_lost_total")
            _log.error("A deletion on Discord could not be carried out here, and %d others wait already", self._limit)
            return
        self._counters.add("discord_deletions_late_total")
        _log.warning("A deletion on Discord could not be carried out here yet; it is tried again")
        self._waiting.append(event)
        self._news.set()

    async def run(self, hear: Hear) -> None:
        """Insist until cancelled."""
        failures = 0
        while True:
            await self._news.wait()
            await self._clock.sleep(WAITS[min(failures, len(WAITS) - 1)])
            try:
                await hear(self._waiting[0])
            except DatabaseUnusable:
                failures += 1
                continue
            except Exception:
                self._counters.add("discord_deletions_lost_total")
                _log.exception("A deletion on Discord could not be carried out here")
            failures = 0
            # Only now, so that one which a lost connection interrupted is told again with the next.
            self._waiting.popleft()
            if not self._waiting:
                self._news.clear()

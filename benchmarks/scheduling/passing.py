"""Time that passes as it does while there is work, and jumps to the next moment where there is none."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import struct
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from mmap import mmap
from time import monotonic
from typing import Any

TURNS = 30
"""Of the loop, after which whoever could go on without waiting has."""
SHOWN = struct.Struct("d")


class Passing:
    """Implements `bot.ports.Clock`. `board` shows whoever shares it how many seconds have passed since `start`."""

    def __init__(self, start: datetime, passed: float, board: mmap) -> None:
        self._start = start
        self._ahead = passed - monotonic()
        self._board = board
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._busy = self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        passed = monotonic() + self._ahead
        SHOWN.pack_into(self._board, 0, passed)
        return passed

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._order), future))
        await future

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._nothing_left()
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if self._sleepers:
                due, _, future = heapq.heappop(self._sleepers)
                self._ahead += max(0.0, due - self.monotonic())
                future.set_result(None)

    async def _nothing_left(self) -> None:
        """Returns when for so many turns nobody has begun or ended anything, or is at it."""
        seen, quiet = -1, 0
        while quiet < TURNS:
            if self._busy:
                self._idle.clear()
                await self._idle.wait()
            quiet = quiet + 1 if seen == self._calls else 0
            seen = self._calls
            await asyncio.sleep(0)

    def working(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same, and no time is jumped over meanwhile."""

        async def called(*args: Any, **named: Any) -> Any:
            self._busy += 1
            self._calls += 1
            try:
                return await call(*args, **named)
            finally:
                self._busy -= 1
                if not self._busy:
                    self._idle.set()

        return called


class Busy:
    """A store whose calls take the time that they take."""

    def __init__(self, store: object, clock: Passing) -> None:
        self._store = store
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return self._clock.working(getattr(self._store, name))

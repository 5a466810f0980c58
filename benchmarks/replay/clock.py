"""A clock that stands still until everything that can run has run, the store's threads included."""

from __future__ import annotations

import asyncio
import heapq
import inspect
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast

ROUNDS = 40
"""Turns of the loop without work in a thread after which nothing more will happen by itself."""


class VirtualClock:
    """Implements `Clock`. `watched` wraps whatever works in threads, so that time waits for it. `rounds`: fewer are
    faster, where it does not matter that something may come a moment late."""

    def __init__(self, start: datetime, *, rounds: int = ROUNDS) -> None:
        self._start = start
        self._rounds = rounds
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._busy = 0
        self._free = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    async def until(self, moment: datetime) -> None:
        """Let time pass up to a moment; none if it is over."""
        await self._pass((moment - self._start).total_seconds())

    async def until_done(self, done: Callable[[], bool], *, limit: float) -> None:
        """Let time pass until something has happened. Raises TimeoutError after `limit` seconds of this clock."""
        end = self._elapsed + limit
        await self._settle()
        while not done():
            if not self._sleepers or self._sleepers[0][0] > end:
                raise TimeoutError(f"nothing happened within {limit:g} s")
            self._wake()
            await self._settle()

    def watched(self, part: Any) -> Any:
        """The same, seen working."""
        return _Watched(part, self)

    async def working(self, work: Awaitable[Any]) -> Any:
        self._busy += 1
        try:
            return await work
        finally:
            self._busy -= 1
            if not self._busy:
                self._free.set()

    async def _pass(self, end: float) -> None:
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._wake()
            await self._settle()
        self._elapsed = max(self._elapsed, end)

    def _wake(self) -> None:
        at, _, future = heapq.heappop(self._sleepers)
        self._elapsed = max(self._elapsed, at)
        if not future.done():
            future.set_result(None)

    async def _settle(self) -> None:
        idle = 0
        while idle < self._rounds:
            if self._busy:
                self._free.clear()
                await self._free.wait()
                idle = 0
            await asyncio.sleep(0)
            idle += 1


class _Watched:
    """Any object whose coroutines are counted while they run."""

    def __init__(self, part: object, clock: VirtualClock) -> None:
        self._part = part
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def called(*arguments: Any, **named: Any) -> Any:
            return await self._clock.working(cast("Awaitable[Any]", found(*arguments, **named)))

        return called

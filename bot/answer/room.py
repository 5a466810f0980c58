"""Room in the line for what comes many at a time through no fault of whoever asked: what was missed while we were away,
and what an earlier process left. It waits for room here, where a question that is asked now is refused at once."""

from __future__ import annotations

import asyncio

from bot.answer.under_way import Running
from bot.errors import QueueFull
from bot.ports import Clock
from bot.settings import Limits


class Room:
    """As many may wait for room as in the line itself."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._waiting = 0
        self._left = asyncio.Event()

    async def line_up(self, running: Running, *, begun: bool) -> None:
        """Raises QueueFull: at once where nobody is `patient`; else where too many wait for room, or it took too long.

        Where an answer was `begun` before, its half stands there until there is a whole one: that waits in any case.
        """
        until = self._clock.monotonic() + self._limits.answer_after_minutes * 60
        while True:
            try:
                running.turn.queue()
            except QueueFull:
                in_time = self._waiting < self._limits.queue and self._clock.monotonic() < until
                if not (running.patient and (begun or in_time)):
                    raise
            else:
                return
            running.turn.step_aside()
            self._waiting += 1
            running.postponed = True
            try:
                await self._left.wait()  # those who came first are woken first
            finally:
                self._waiting -= 1
                running.postponed = False

    def made(self) -> None:
        """Somebody has left the line."""
        self._left.set()
        self._left = asyncio.Event()

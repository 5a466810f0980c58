"""Serves what waits, each by itself and several beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.errors import CalanqueError
from bot.ports import Clock

LANES = 64
"""What is served beside each other, at most."""
PAUSE = 15.0
"""Seconds before the store is asked again that could not say what waits."""

log = logging.getLogger(__name__)


class Rounds:
    """`waiting`: keys of what waits, so many at most. `serve` does what there is to do for one of them, raises nothing,
    and says whether it is worth while to look for more at once."""

    def __init__(
        self,
        waiting: Callable[[int], Awaitable[Sequence[str]]],
        serve: Callable[[str], Awaitable[bool]],
        clock: Clock,
    ) -> None:
        self._waiting = waiting
        self._serve = serve
        self._clock = clock
        self._news = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._later: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Something may wait."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._news.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._news.wait()
                self._news.clear()
                try:
                    keys = await self._waiting(LANES)
                except CalanqueError as error:
                    log.warning("what is to be carried over could not be read: %s", error)
                    self._look_later(group)
                    continue
                for key in keys:
                    if key not in self._lanes and len(self._lanes) < LANES:
                        self._lanes[key] = group.create_task(self._lane(key, group))

    async def _lane(self, key: str, group: asyncio.TaskGroup) -> None:
        more = False
        try:
            more = await self._serve(key)
        finally:
            del self._lanes[key]
        if more:
            self._news.set()
        else:
            self._look_later(group)

    def _look_later(self, group: asyncio.TaskGroup) -> None:
        if self._later is None:
            self._later = group.create_task(self._wait())

    async def _wait(self) -> None:
        try:
            await self._clock.sleep(PAUSE)
        finally:
            self._later = None
        self._news.set()

"""What waits to be shown: a few in memory, the others by their ids, and read again when their turn comes."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import CalanqueError
from bot.ports import Clock, Store
from bot.talk.record import Outgoing

log = logging.getLogger(__name__)

QUEUE = 10_000
"""Deliveries that wait in memory with their text after a failure."""

IDS = 100_000
"""Deliveries that wait by their id. Beyond that they wait for the next start."""


FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before what failed is tried again; doubles each time."""


@dataclass(slots=True)
class Waiting:
    """A delivery that is to be tried. `pause`: seconds before that; `begun`: first tried, by the monotonic clock."""

    outgoing: Outgoing
    pause: float
    begun: float


class Backlog:
    """`ids` are read from the store oldest first, by whoever takes them; `failed` wait for their next attempt."""

    def __init__(self) -> None:
        self._ids: deque[str] = deque()
        self._failed: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE)
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    def add(self, ids: Iterable[str]) -> None:
        for each in ids:
            if len(self._ids) >= IDS:
                log.error("%d deliveries wait; delivery %s and later ones wait for the next start", IDS, each)
                return
            self._ids.append(each)
            self._news.set()

    def put(self, waiting: Waiting) -> None:
        """Where too many wait in memory, it is read from the store again, after all that wait there."""
        try:
            self._failed.put_nowait(waiting)
        except asyncio.QueueFull:
            self.add([waiting.outgoing.delivery.id])

    async def failed(self) -> Waiting:
        waiting = await self._failed.get()
        self._room.set()
        return waiting

    async def found(self, store: Store, most: int, *, clock: Clock) -> tuple[Outgoing, ...]:
        """The next ones as they are to be shown by now, as soon as they can be read."""
        pause = FIRST_PAUSE
        while True:
            ids = await self.ids(most)
            try:
                return await store.undelivered(ids)
            except CalanqueError as error:
                log.warning("what was left to be shown could not be read: %s", error)
            self.add(ids)
            await clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def ids(self, most: int) -> list[str]:
        """The next ones, at least one, as soon as there is room for those of them that fail."""
        while not self._ids or self._failed.full():
            news = self._room if self._ids else self._news
            news.clear()
            await news.wait()
        return [self._ids.popleft() for _ in range(min(most, len(self._ids)))]

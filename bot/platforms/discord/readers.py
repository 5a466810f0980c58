"""Reads channels, a few beside each other, each until it is read or it is clear that it cannot be."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from bot.platforms.discord.held import Held
from bot.platforms.discord.missed import Reading, shard_of
from bot.platforms.discord.reading import Past
from bot.ports import Clock, Counters

AT_ONCE = 8
"""Channels that are read beside each other."""

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before something that failed is tried again; the last one repeats."""

TRIES = 30
"""Attempts at one channel, in about half an hour: so long everything else waits for a channel whose past Discord cannot
give. Then it is left for the next time."""

LEFT = 1000
"""Channels, at most, that are remembered to be read the next time."""

_log = logging.getLogger(__name__)


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row, from 1 on."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


class Readers:
    """For one connection. `held` is told of channels that are read."""

    def __init__(self, past: Past, held: Held, *, clock: Clock, counters: Counters) -> None:
        self._past = past
        self._held = held
        self._clock = clock
        self._counters = counters
        self._queues: dict[int, deque[Reading]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._open: dict[int, int] = {}
        self._left: dict[int, Reading] = {}

    @property
    def any_open(self) -> bool:
        """Whether any channel is still to be read."""
        return bool(self._open)

    def reads(self, channel: int) -> bool:
        return channel in self._open

    def hurry(self, channel: int) -> None:
        """Somebody writes there now: it is next."""
        for queue in self._queues.values():
            for reading in queue:
                if reading.id == channel:
                    queue.remove(reading)
                    queue.appendleft(reading)
                    return

    def drop(self, shard: int) -> None:
        """What has not been begun of a shard is not read."""
        queue = self._queues.pop(shard, deque[Reading]())
        while queue:
            self._close(queue.popleft())

    def enqueue(self, readings: Iterable[Reading], *, shard: int | None = None) -> deque[Reading]:
        """What is to be read, now open. With `shard`, `drop` reaches it."""
        queue = deque(map(self.opened, readings))
        if shard is not None:
            self._queues[shard] = queue
        return queue

    def again(self, readings: Iterable[Reading], shard: int, shards: int) -> list[Reading]:
        """These, and what could not be read before of this shard, from where that was."""
        left = {each.id: each for each in self._left.values() if shard_of(each, shards) == shard}
        found: list[Reading] = []
        for reading in readings:
            before = left.pop(reading.id, reading)
            known = {**before.known, **reading.known}
            found.append(replace(reading, until=min(reading.until, before.until), known=known))
        return [*found, *left.values()]

    async def emptied(self, queue: deque[Reading]) -> None:
        if queue:
            _log.info("%d channels may hold something that was missed", len(queue))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(queue))):
                group.create_task(self._work(queue))

    async def _work(self, queue: deque[Reading]) -> None:
        while queue:
            async with self._free:
                if queue:
                    await self.insist(queue.popleft())

    async def insist(self, reading: Reading) -> None:
        """Until it is read, or it is clear that it cannot be, or it was tried often enough."""
        failures = 0
        try:
            while not await self._past.tried(reading):
                failures += 1
                if failures >= TRIES:
                    self._leave(reading)
                    return
                self._counters.add("discord_catch_up_retries_total")
                await self._clock.sleep(pause(failures))
            left = self._left.get(reading.id)
            if left is not None and reading.until <= left.until:
                del self._left[reading.id]
        finally:
            self._close(reading)

    def _leave(self, reading: Reading) -> None:
        self._counters.add("discord_catch_up_skipped_total", why="broken")
        _log.warning("What was said in a channel could not be read in %d attempts; it is left for later", TRIES)
        if reading.id in self._left or len(self._left) < LEFT:
            self._left[reading.id] = reading

    def opened(self, reading: Reading) -> Reading:
        self._open[reading.id] = self._open.get(reading.id, 0) + 1
        return reading

    def _close(self, reading: Reading) -> None:
        left = self._open.pop(reading.id, 1) - 1
        if left:
            self._open[reading.id] = left
        else:
            self._held.let_go(reading.id)

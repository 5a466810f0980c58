"""Carries events from the gateway to `hear`, in the order of each channel, without the gateway waiting for `hear`.

Only when very much is waiting is the next gateway message taken later: the sender slows down then, and memory stays
bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import CalanqueError, DatabaseUnusable
from bot.platforms.discord.insist import Insistence
from bot.ports import Counters, Hear
from bot.talk.event import Deleted, Edited, Event, Left, Said

LIMIT = 1000
"""Events waiting to be heard before the gateway is read more slowly."""

LANES = 16
"""Channels share this many queues: a slow one holds up one sixteenth of the others at most."""

PATIENCE = 30.0
"""Seconds that reading is put off at most; Discord expects a heartbeat's answer to be read within a minute."""

CALM = LIMIT // 2
"""While more waits, what was missed earlier is not fetched: live events have the rest of the room."""

Arrival = Callable[[], Awaitable[Event | None]]
"""Makes the event when its turn comes; None: nothing to tell."""

_log = logging.getLogger(__name__)


class Inbox:
    def __init__(
        self, hear: Hear, counters: Counters, insistence: Insistence, *, limit: int = LIMIT, lanes: int = LANES
    ) -> None:
        self._hear = hear
        self._insistence = insistence
        self._counters = counters
        self._limit = limit
        self._lanes: tuple[asyncio.Queue[tuple[int, Arrival]], ...] = tuple(asyncio.Queue() for _ in range(lanes))
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._pending: dict[int, None] = {}
        self._progress = asyncio.Event()
        self.crowded = False
        """Whether it was full and not empty since: more may stand unread in the connection."""
        self.taken = 0
        """Events taken so far: the number of the last one."""
        self.lost: Callable[[Said | Edited], None] = lambda _: None
        """Called with what somebody said that could not be written down; whoever asked has been told so."""

    @property
    def waiting(self) -> int:
        return self._waiting

    def heard_all(self, number: int) -> bool:
        """Whether all events up to this number have been heard."""
        return next(iter(self._pending), number + 1) > number

    async def heard(self, number: int) -> None:
        """Wait for that."""
        while not self.heard_all(number):
            self._progress.clear()
            await self._progress.wait()

    async def calm(self) -> None:
        """Wait until few events are waiting."""
        while self._waiting > CALM:
            self._progress.clear()
            await self._progress.wait()

    def put(self, key: int, arrival: Arrival) -> None:
        """Line up an event; those with equal keys (channel ids) are heard in order."""
        self._waiting += 1
        self.taken += 1
        self._pending[self.taken] = None
        self._idle.clear()
        if self._waiting >= self._limit:
            self.crowded = True
            self._room.clear()
        # Snowflakes made in one millisecond differ in their low bits, others in their high ones.
        self._lanes[hash((key, key >> 22)) % len(self._lanes)].put_nowait((self.taken, arrival))

    async def room(self) -> None:
        """Returns when there is room, or after `PATIENCE`."""
        if self._room.is_set():
            return
        self._counters.add("discord_inbox_full_total")
        try:
            async with asyncio.timeout(PATIENCE):
                await self._room.wait()
        except TimeoutError:
            _log.warning("%d events of Discord wait to be written down; reading on slowly", self._waiting)

    async def drained(self, seconds: float) -> bool:
        """Wait until everything was heard; False if that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Hear until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._insistence.run(self._hear))
            for lane in self._lanes:
                tasks.create_task(self._serve(lane))

    async def _told(self, event: Event) -> None:
        try:
            await self._hear(event)
        except DatabaseUnusable:
            if isinstance(event, Said | Edited):
                self.lost(event)
            if not isinstance(event, Deleted | Left):
                raise
            self._insistence.put(event)

    async def _serve(self, lane: asyncio.Queue[tuple[int, Arrival]]) -> None:
        while True:
            number, arrival = await lane.get()
            try:
                event = await arrival()
                if event is not None:
                    await self._told(event)
            except CalanqueError as error:
                self._counters.add("discord_events_failed_total")
                _log.warning("An event of Discord was not taken: %s", error)
            except Exception:
                self._counters.add("discord_events_failed_total")
                _log.exception("An event of Discord was not taken")
            finally:
                self._waiting -= 1
                del self._pending[number]
                self._progress.set()
                if self._waiting < self._limit:
                    self._room.set()
                if not self._waiting:
                    self.crowded = False
                    self._idle.set()


def told(event: Event) -> Arrival:
    """An event that is made already."""

    async def made() -> Event:
        return event

    return made

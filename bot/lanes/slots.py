"""Who has the engine now: its slots are given out in the order that `order` says, and taken back.

Idle work has a slot only while nobody is there, and is told to give way as soon as somebody comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from bot.errors import QueueFull
from bot.lanes.door import Door, Patience
from bot.lanes.order import Order, Ticket
from bot.ports import Clock


class Presence:
    """Whether anybody waits or is being answered, and since when nobody does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._here = 0
        self._since = clock.monotonic()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._on_coming: Callable[[], None] | None = None

    @contextmanager
    def here(self) -> Generator[None]:
        """Somebody is."""
        self._here += 1
        self._nobody.clear()
        if self._on_coming is not None:
            self._on_coming()
        try:
            yield
        finally:
            self._here -= 1
            if not self._here:
                self._since = self._clock.monotonic()
                self._nobody.set()

    @contextmanager
    def watched(self, on_coming: Callable[[], None]) -> Generator[None]:
        """Call this whenever somebody comes; one watcher at a time."""
        self._on_coming = on_coming
        try:
            yield
        finally:
            self._on_coming = None

    async def quiet(self, seconds: float) -> None:
        """Returns when nobody has been here for so long."""
        while True:
            await self._nobody.wait()
            left = self._since + seconds - self._clock.monotonic()
            if left <= 0:
                return
            await self._clock.sleep(left)


class Slots:
    """`slots` of one engine, given out while its `door` is open. `seconds`: the longest wait for one."""

    def __init__(
        self, order: Order, *, slots: int, seconds: float, is_warm: Callable[[str], bool], clock: Clock, door: Door
    ) -> None:
        self._order = order
        self._free = self.number = slots
        self._seconds = seconds
        self._is_warm = is_warm
        self._clock = clock
        self.door = door
        door.on_open = self.give_out
        self._busy: dict[str, Ticket] = {}
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}
        self.taken: dict[Ticket, float] = {}

    async def wait(self, ticket: Ticket, patience: Patience) -> None:
        """Until the ticket has a slot. It leaves the order after too long a wait: raises QueueFull, or where the engine
        is away as `Door.waiting`."""
        self.give_out()
        if ticket in self.taken:
            return
        given = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._seconds) as limit, self.door.waiting(patience, line=limit):
                await given
        except TimeoutError:
            if ticket not in self.taken:
                raise QueueFull(f"waited longer than {self._seconds:g} s for the engine") from None
        finally:
            del self._waiting[ticket]
            if ticket not in self.taken:
                self._order.withdraw(ticket)

    def release(self, ticket: Ticket) -> None:
        """The slot is free, if the ticket had one."""
        since = self.taken.pop(ticket, None)
        if since is None:
            return
        self._free += 1
        self._order.spent(ticket, self._clock.monotonic() - since)
        self.give_out()

    def leave(self, ticket: Ticket) -> None:
        """The turn is over: the next one of its conversation may begin."""
        if self._busy.get(ticket.conversation) is ticket:
            del self._busy[ticket.conversation]
        self.release(ticket)
        self._order.leave(ticket)
        self.give_out()

    @contextmanager
    def lent(self) -> Generator[None]:
        """All slots, for idle work: nobody is given one before it ends."""
        lent, self._free = self._free, 0
        try:
            yield
        finally:
            self._free += lent
            self.give_out()

    def give_out(self) -> None:
        while self._free and not self.door.shut:
            ticket = self._order.choose(busy=self._busy, is_warm=self._is_warm)
            if ticket is None:
                return
            self._free -= 1
            self._busy[ticket.conversation] = ticket
            ticket.began = self.taken[ticket] = self._clock.monotonic()
            given = self._waiting.get(ticket)
            if given is not None and not given.done():
                given.set_result(None)

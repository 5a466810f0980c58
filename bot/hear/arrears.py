"""Messages that the store could not take: kept in memory, in their order, and tried again until it can.

Whoever asked has been told by then. What is not taken before the program ends is lost here; a platform that keeps what
was said tells it again after the next start, since `hear` has raised for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.errors import DatabaseUnusable
from bot.ports import Clock, Counters
from bot.talk.event import Said
from bot.talk.message import Message, Place

LIMIT = 1000
"""Messages that may wait; later ones are not kept."""

WAITS = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before each new attempt; the last one repeats. A message that could be written down ends the pause."""

TRIES = 5
"""A message that fails so often although the store takes other things is given up."""

GIVEN_UP = 1000
"""The last ones that were given up are remembered: a platform may tell them again."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Held:
    """`since`: on the monotonic clock. `failures`: though the store worked."""

    event: Said
    since: float
    failures: int = 0


class Arrears:
    """`take` is what `hear` does with a message; `probe` writes something small, to see whether the store works. Both
    raise DatabaseUnusable. `given_up` is told, once, of what is not tried any more. `run` is to be going on in one
    task."""

    def __init__(
        self,
        take: Callable[[Said], Awaitable[None]],
        probe: Callable[[], Awaitable[None]],
        given_up: Callable[[Message], Awaitable[None]],
        *,
        clock: Clock,
        counters: Counters,
        limit: int = LIMIT,
    ) -> None:
        self._take = take
        self._probe = probe
        self._given_up = given_up
        self._clock = clock
        self._counters = counters
        self._limit = limit
        self._held: dict[tuple[str, str], _Held] = {}
        self._gone: dict[tuple[str, str], None] = {}
        self._trying: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._works = asyncio.Event()

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, message: Message) -> bool:
        return _key(message) in self._held

    def gave_up(self, message: Message) -> bool:
        return _key(message) in self._gone

    def of(self, place: Place) -> bool:
        """Whether any message of this place waits: later ones have to come after it."""
        return any(held.event.message.place.key == place.key for held in self._held.values())

    def hold(self, event: Said) -> bool:
        """Whether it waits now; False where too many do already."""
        if len(self._held) >= self._limit:
            log.error("a message could not be written down, and %d others wait already", self._limit)
            return False
        self._counters.add("messages_held_total")
        self._held[_key(event.message)] = _Held(event=event, since=self._clock.monotonic())
        self._news.set()
        return True

    def revise(self, message: Message) -> bool:
        """Whether one that waits reads so now."""
        held = self._held.get(_key(message))
        if held is not None:
            known = held.event.message
            held.event = replace(held.event, message=replace(message, addressed=known.addressed))
        return held is not None

    async def drop(
        self,
        *,
        platform: str = "",
        guild: str | None = None,
        place: Place | None = None,
        ids: Collection[str] | None = None,
    ) -> None:
        """Whatever of this place or guild waits is gone, and none of it is being written when this returns.

        `ids`: only these.
        """
        for key, held in list(self._held.items()):
            of = held.event.message.place
            there = (guild is not None and (of.platform, of.guild) == (platform, guild)) or (
                place is not None and place.key in (of.key, of.channel and of.channel.key)
            )
            if there and (ids is None or held.event.message.id in ids):
                del self._held[key]
        await self.settled()

    async def settled(self) -> None:
        """No attempt is under way."""
        if self._trying is not None:
            await asyncio.wait([self._trying])

    def works(self) -> None:
        """The store has just taken something."""
        if self._held:
            self._works.set()

    async def attempt(self) -> None:
        """Take what can be taken, in order. Calls that come meanwhile wait for the same attempt."""
        if self._trying is None:
            self._trying = asyncio.create_task(self._attempt())
        await asyncio.wait([self._trying])

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            await self._news.wait()
            await self._pause(WAITS[min(failures, len(WAITS) - 1)])
            before = len(self._held)
            await self.attempt()
            failures = failures + 1 if len(self._held) >= before else 0
            if not self._held:
                self._news.clear()

    async def _pause(self, seconds: float) -> None:
        pause, works = asyncio.create_task(self._clock.sleep(seconds)), asyncio.create_task(self._works.wait())
        try:
            await asyncio.wait({pause, works}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pause, works):
                task.cancel()
            await asyncio.gather(pause, works, return_exceptions=True)
            self._works.clear()

    async def _attempt(self) -> None:
        behind: set[str] = set()
        try:
            for key, held in list(self._held.items()):
                place = held.event.message.place.key
                if place not in behind and key in self._held and not await self._taken(held):
                    behind.add(place)
                    if not await self._store_works():
                        return
                    await self._failed(key, held)
                elif place not in behind:
                    self._held.pop(key, None)
        finally:
            self._trying = None

    async def _taken(self, held: _Held) -> bool:
        waited = timedelta(seconds=self._clock.monotonic() - held.since)
        try:
            await self._take(replace(held.event, age=held.event.age + waited))
        except DatabaseUnusable:
            return False
        except Exception:
            self._counters.add("events_lost_total", kind="said")
            log.exception("a message that waited could not be taken")
        return True

    async def _store_works(self) -> bool:
        try:
            await self._probe()
        except DatabaseUnusable:
            return False
        return True

    async def _failed(self, key: tuple[str, str], held: _Held) -> None:
        held.failures += 1
        if held.failures < TRIES or self._held.pop(key, None) is None:
            return
        self._gone[key] = None
        if len(self._gone) > GIVEN_UP:
            del self._gone[next(iter(self._gone))]
        self._counters.add("events_lost_total", kind="said")
        log.error("a message cannot be written down although the database works; it is given up")
        await self._given_up(held.event.message)


def _key(message: Message) -> tuple[str, str]:
    return message.place.platform, message.id

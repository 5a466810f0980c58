"""The order in which an engine is used: one turn at a time in a conversation, so many requests at a time on the engine,
a bound on how many wait and how long, and idle work only while nobody is there.

Nobody has the engine itself: a turn asks it through its `Passage`, idle work through `Idle`; both are an
`Inference`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot.errors import QueueFull
from bot.lanes.demand import Demand
from bot.lanes.door import Door, Patience
from bot.lanes.gauge import Gauge, Remembered
from bot.lanes.idle import GaveWay, Idle
from bot.lanes.order import Order
from bot.lanes.passage import Passage
from bot.lanes.rates import Rates
from bot.lanes.slots import Presence, Slots
from bot.lanes.standing import Foresight
from bot.lanes.warmth import Warmth
from bot.ports import Clock, Counters, Inference
from bot.talk.message import Conversation
from bot.talk.prompt import Engine
from bot.talk.turn import Part, Piece

__all__ = ["Bounds", "GaveWay", "Lanes"]

T = TypeVar("T")

HOLD_SECONDS = 0.5
"""How long the engine is kept free for a turn whose tools are at work; what takes longer lets others go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`slots`: requests at a time; `queue`, `queue_per_person` and `queue_per_channel`: turns that wait or run;
    `seconds`: longest wait in line; `away_seconds`: for an engine that is away, besides; `warm_wait`: seconds
    that a turn is held up at most so that warm ones go first."""

    slots: int
    queue: int
    queue_per_person: int
    seconds: float
    away_seconds: float = 900.0
    queue_per_channel: int | None = None
    warm_wait: float = 30.0
    hold: float = HOLD_SECONDS


class Lanes:
    """One engine's queue.

    `rates.prefill`, `rates.generation` (tokens a second, None until measured) and `rates.seconds(uncached, reply)`;
    `warmth.is_warm(conversation.key)` and `warmth.uncached(conversation.key, prompt)`: see there.
    """

    def __init__(self, inference: Inference, bounds: Bounds, *, clock: Clock, counters: Counters) -> None:
        self._bounds = bounds
        self._clock = clock
        self._counters = counters
        self._gauge = Gauge(inference, clock=clock, counters=counters)
        self._order = Order(warm_wait=bounds.warm_wait)
        is_warm = self.warmth.is_warm
        self.door = Door(clock)
        self._slots = Slots(
            self._order, slots=bounds.slots, seconds=bounds.seconds, is_warm=is_warm, clock=clock, door=self.door
        )
        self._foresight = Foresight(self._order, self._slots, self.rates, is_warm=is_warm, clock=clock)
        self._presence = Presence(clock)
        self._people: Counter[str] = Counter()
        self._channels: Counter[str] = Counter()
        self._idle = asyncio.Lock()

    @property
    def rates(self) -> Rates:
        return self._gauge.rates

    @property
    def warmth(self) -> Warmth:
        return self._gauge.warmth

    @property
    def demand(self) -> Demand:
        return self._gauge.demand

    @property
    def waiting(self) -> int:
        """Turns that wait or run."""
        return self._people.total()

    @property
    def in_line(self) -> int:
        """Turns that wait for the engine, or for their conversation's turn before them."""
        return self._order.waiting

    @property
    def silence(self) -> float | None:
        """Seconds since the request at the engine that has shown no progress for longest did; None without a request.
        A long prompt takes its time; an engine that is wedged takes for ever."""
        return self._foresight.silence

    def patience(self) -> Patience:
        """For one question."""
        return Patience(seconds=self._bounds.away_seconds)

    @contextmanager
    def queued(self, person: str, conversation: Conversation) -> Generator[None]:
        """Be counted among those who wait or run. Raises QueueFull at once when too many do."""
        channel = conversation.key
        full = self._full(person, channel)
        if full:
            self._counters.add("queue_full_total", of=full)
            raise QueueFull(f"{self._people.total()} turns are waiting, too many of one {full}")
        self._people[person] += 1
        self._channels[channel] += 1
        try:
            with self._presence.here():
                yield
        finally:
            _less(self._people, person)
            _less(self._channels, channel)

    def turn(
        self,
        conversation: Conversation,
        *,
        person: str,
        remembered: Remembered | None = None,
        patience: Patience | None = None,
        lined_up: Callable[[], None] = lambda: None,
    ) -> Passage:
        """Be the only turn of the conversation: `async with lanes.turn(…) as engine`, which is an `Inference`.

        `remembered`: how others begin, for the engine to keep those that are asked in most (see `gauge`); `lined_up`:
        called when it has its place in line.
        """
        return Passage(
            conversation,
            person,
            gauge=self._gauge,
            order=self._order,
            slots=self._slots,
            presence=self._presence,
            foresight=self._foresight,
            hold=self._bounds.hold,
            remembered=remembered,
            patience=patience or self.patience(),
            lined_up=lined_up,
            clock=self._clock,
        )

    @asynccontextmanager
    async def idle(self, conversation: Conversation) -> AsyncGenerator[Idle]:
        """Do idle work for a conversation: waits until nobody is there and no other idle work is under way.

        What it yields is an `Inference` whose `stream` raises GaveWay as soon as somebody asks anything: in mid-stream
        the engine's stream is closed then, and the person's request goes to the engine right after. A turn of the same
        conversation is not kept waiting either, so what is stored must be guarded by the ledger's revision.
        """
        async with self._idle:
            await self._presence.quiet(0)
            idle = Idle(conversation, self._gauge, self._slots)
            with self._presence.watched(idle.give_way):
                yield idle

    async def idly(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do idle work that asks something else of the engine's machine than a reply: waits as `idle` does, and has all
        slots meanwhile. Raises GaveWay when somebody comes; the work is cancelled then."""
        async with self._idle:
            await self._presence.quiet(0)
            scope = asyncio.timeout(None)
            try:
                async with scope:
                    with self._presence.watched(partial(_end, scope)), self._slots.lent():
                        return await work()
            except TimeoutError:
                if not scope.expired():
                    raise
                raise GaveWay from None

    async def quiet(self, seconds: float) -> None:
        """Returns when no turn has waited or run for so long."""
        await self._presence.quiet(seconds)

    async def probe(self) -> Engine:
        """As `Inference.probe`. What is believed of its cache goes when it is not the same engine any more."""
        return await self._gauge.probe()

    async def render(self, part: Part) -> Piece:
        return await self._gauge.render(part)

    def _full(self, person: str, channel: str) -> str:
        bounds = self._bounds
        if self._people[person] >= bounds.queue_per_person:
            return "person"
        if bounds.queue_per_channel is not None and self._channels[channel] >= bounds.queue_per_channel:
            return "channel"
        return "engine" if self._people.total() >= bounds.queue else ""


def _end(scope: asyncio.Timeout) -> None:
    """Now, unless it ends already."""
    if not scope.expired():
        scope.reschedule(asyncio.get_running_loop().time())


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]

"""The order in which an engine is used: one turn at a time in a conversation, so many requests at a time on the engine,
and a bound on how many wait and how long.

`Lanes` is itself an `Inference`: whatever wants the engine, waits its turn here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from bot.errors import QueueFull
from bot.ports import Inference
from bot.talk.message import Conversation
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Part, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`slots`: requests at a time; `queue` and `queue_per_person`: turns that wait or run; `seconds`: longest wait."""

    slots: int
    queue: int
    queue_per_person: int
    seconds: float


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Lanes:
    """One engine's queue."""

    def __init__(self, inference: Inference, bounds: Bounds) -> None:
        self._inference = inference
        self._bounds = bounds
        self._slots = asyncio.Semaphore(bounds.slots)
        self._lanes: dict[str, _Lane] = {}
        self._people: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Turns that wait or run."""
        return self._people.total()

    @contextmanager
    def queued(self, person: str) -> Generator[None]:
        """Be counted among those who wait or run. Raises QueueFull at once when too many do."""
        bounds = self._bounds
        if self._people.total() >= bounds.queue or self._people[person] >= bounds.queue_per_person:
            raise QueueFull(f"{self._people.total()} turns are waiting")
        self._people[person] += 1
        try:
            yield
        finally:
            self._people[person] -= 1
            if not self._people[person]:
                del self._people[person]

    @asynccontextmanager
    async def turn(self, conversation: Conversation) -> AsyncGenerator[None]:
        """Be the only turn of the conversation. Raises QueueFull after too long a wait."""
        bounds = self._bounds
        lane = self._lanes.setdefault(conversation.key, _Lane())
        lane.users += 1
        try:
            try:
                async with asyncio.timeout(bounds.seconds):
                    await lane.lock.acquire()
            except TimeoutError:
                raise QueueFull(f"waited longer than {bounds.seconds:g} s") from None
            try:
                yield
            finally:
                lane.lock.release()
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[conversation.key]

    async def probe(self) -> Engine:
        return await self._inference.probe()

    async def render(self, part: Part) -> Piece:
        return await self._inference.render(part)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        try:
            async with asyncio.timeout(self._bounds.seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise QueueFull(f"waited longer than {self._bounds.seconds:g} s for the engine") from None
        try:
            async with aclosing(self._inference.stream(prompt, reply_tokens=reply_tokens)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._slots.release()

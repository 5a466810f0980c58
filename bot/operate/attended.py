"""What passes by on its way, timed: requests to the engine, and answers on their way to people."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

from bot.ports import Clock, Counters, Deliveries, Draft, Inference
from bot.talk.delivery import Delivery, Shown
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Part, Piece

SLOW_CHUNKS = 2
"""An engine may take as long as reading takes for so many chunks: some open a stream before they have read."""


@dataclass(slots=True, eq=False)
class _Request:
    moved: float
    chunks: int = 0


class Attended:
    """An `Inference` that shows whether its requests move. `first`, `stall`: the longest silences that are allowed
    before and after the first words, in seconds."""

    def __init__(self, inference: Inference, *, first: float, stall: float, clock: Clock) -> None:
        self._inference = inference
        self._first = first
        self._stall = stall
        self._clock = clock
        self._requests: set[_Request] = set()
        self._ended = 0

    @property
    def in_flight(self) -> int:
        """Requests that the engine is at."""
        return len(self._requests)

    @property
    def ended(self) -> int:
        """Requests that came to their end, one way or another."""
        return self._ended

    @property
    def overdue(self) -> float:
        """How many seconds longer than allowed the most silent request has been silent; 0 where none has."""
        now = self._clock.monotonic()
        return max([0.0, *(now - each.moved - self._allowed(each) for each in self._requests)])

    async def probe(self) -> Engine:
        return await self._inference.probe()

    async def render(self, part: Part) -> Piece:
        return await self._inference.render(part)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """As `Inference.stream`."""
        request = _Request(self._clock.monotonic())
        self._requests.add(request)
        try:
            async with aclosing(self._inference.stream(prompt, reply_tokens=reply_tokens)) as chunks:
                async for chunk in chunks:
                    request.moved, request.chunks = self._clock.monotonic(), request.chunks + 1
                    yield chunk
        finally:
            self._requests.discard(request)
            self._ended += 1

    def _allowed(self, request: _Request) -> float:
        return self._first if request.chunks < SLOW_CHUNKS else self._stall


class TimedDraft:
    """A `Draft` that knows when its first words came."""

    def __init__(self, inner: Draft, *, begun: float, clock: Clock, counters: Counters) -> None:
        self._inner = inner
        self._begun = begun
        self._clock = clock
        self._counters = counters
        self.spoken = False

    @property
    def shown(self) -> Shown:
        return self._inner.shown

    def show(self, delivery: Delivery) -> None:
        if delivery.text and not self.spoken:
            self.spoken = True
            self._counters.observe("answer_first_text_seconds", self._clock.monotonic() - self._begun)
        self._inner.show(delivery)


class Timed:
    """`Deliveries` that measure how long people wait for an answer's first words, and for its end."""

    def __init__(self, inner: Deliveries, *, clock: Clock, counters: Counters) -> None:
        self._inner = inner
        self._clock = clock
        self._counters = counters

    def draft(self, delivery: Delivery, shown: Shown) -> AbstractAsyncContextManager[Draft]:
        return self._draft(delivery, shown)

    @asynccontextmanager
    async def _draft(self, delivery: Delivery, shown: Shown) -> AsyncGenerator[TimedDraft]:
        begun = self._clock.monotonic()
        async with self._inner.draft(delivery, shown) as inner:
            draft = TimedDraft(inner, begun=begun, clock=self._clock, counters=self._counters)
            yield draft
        if draft.spoken:
            self._counters.observe("answer_seconds", self._clock.monotonic() - begun)

    async def post(self, delivery: Delivery) -> None:
        await self._inner.post(delivery)

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        await self._inner.tell(delivery, shown)

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        await self._inner.finish(delivery, shown)

    def break_off(self) -> None:
        self._inner.break_off()

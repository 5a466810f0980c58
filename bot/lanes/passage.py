"""One turn's way through the lanes: it waits, asks the engine, perhaps several times, and leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, aclosing, contextmanager
from types import TracebackType
from typing import Self

from bot.lanes.door import PASSING, Patience
from bot.lanes.gauge import Gauge, Remembered
from bot.lanes.order import Order, Ticket
from bot.lanes.slots import Presence, Slots
from bot.lanes.standing import Foresight, Standing
from bot.ports import Clock
from bot.talk.message import Conversation
from bot.talk.prompt import CallChunk, Chunk, Engine, Prompt
from bot.talk.turn import Part, Piece

PURPOSE = "turn"


class Passage:
    """An `Inference` for one turn, and an async context manager: within it, it is the only turn of its conversation.

    Entering raises QueueFull after too long a wait, and EngineGone or ModelMissing where patience ends; so do `stream`
    and `again`. Once it is entered the engine is kept free for its first request; after a request with calls, for
    `hold` seconds until the next.

    `waited`: seconds in line, or for an engine that is away, since it was entered. `limit`, if any, stands still then.
    """

    def __init__(
        self,
        conversation: Conversation,
        person: str,
        *,
        gauge: Gauge,
        order: Order,
        slots: Slots,
        presence: Presence,
        foresight: Foresight,
        hold: float,
        clock: Clock,
        remembered: Remembered | None,
        patience: Patience,
        lined_up: Callable[[], None],
    ) -> None:
        self._conversation = conversation
        self._person = person
        self._gauge = gauge
        self._order = order
        self._slots = slots
        self._presence = presence
        self._foresight = foresight
        self._hold = hold
        self._clock = clock
        self._remembered = remembered
        self._patience = patience
        self._lined_up = lined_up
        self._ticket: Ticket | None = None
        self._around = ExitStack()
        self._held: asyncio.TimerHandle | None = None
        self._asking = False
        self._waits = True
        self.waited = 0.0
        self.limit: asyncio.Timeout | None = None

    async def __aenter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._presence.here())
            ticket = self._ticket = self._order.enter(self._conversation.key, self._person)
            stack.callback(self._leave, ticket)
            self._gauge.demand.asked(self._conversation.key)
            self._lined_up()
            await self._slots.wait(ticket, self._patience)
            self._around = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._around.close()

    def expect(self, tokens: int) -> None:
        """So long the prompt will be, as far as one can tell while waiting; for `standing`."""
        if self._ticket is not None and self._ticket.waits:
            self._ticket.unread = max(0, tokens - self._gauge.warmth.tokens(self._conversation.key))

    def standing(self) -> Standing | None:
        """Where the turn stands; None where it does not wait: the answer is being written, or tools are at work."""
        if self._ticket is None:
            return None
        return self._foresight.of(self._ticket) if self._waits else self._foresight.silent(self._ticket)

    @property
    def lasting(self) -> bool:
        """Whether somebody looks when an engine that fails is back, so that `again` comes to an end."""
        return self._slots.door.watched

    async def again(self) -> None:
        """After a failure of the engine: wait ahead of all others until it is back, and have it for a request."""
        ticket = self._ticket
        if ticket is None or self._asking:
            raise RuntimeError("a turn waits within its passage, and not while it asks")
        await self._wait(ticket)

    async def probe(self) -> Engine:
        return await self._gauge.probe()

    async def render(self, part: Part) -> Piece:
        return await self._gauge.render(part)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """As `Inference.stream`; only within the passage, one at a time."""
        ticket = self._ticket
        if ticket is None or self._asking:
            raise RuntimeError("a turn asks within its passage, one request at a time")
        self._asking, calls = True, False
        try:
            await self._wait(ticket)
            self._begins(self._gauge.warmth.uncached(self._conversation.key, prompt))
            if self._remembered is not None:
                await self._gauge.refresh(self._conversation, prompt, self._remembered)
            chunks = self._gauge.stream(
                self._conversation, prompt, reply_tokens=reply_tokens, purpose=PURPOSE, begins=self._begins
            )
            async with aclosing(chunks):
                async for chunk in chunks:
                    self._hears(ticket)
                    calls = calls or isinstance(chunk, CallChunk)
                    yield chunk
        except PASSING as error:
            self._slots.door.fails(error)  # before anybody else is given the slot
            raise
        finally:
            self._asking = self._waits = False
            ticket.heard = None
            self._done(ticket, goes_on=calls)

    async def _wait(self, ticket: Ticket) -> None:
        self._waits = True
        self._let_go()
        if self._slots.door.shut:
            self._slots.release(ticket)
        if ticket not in self._slots.taken:
            ticket.unread = 0  # it was just read
            self._order.again(ticket)
            with self._standing_still():
                await self._slots.wait(ticket, self._patience)

    @contextmanager
    def _standing_still(self) -> Generator[None]:
        loop, begun, limit = asyncio.get_running_loop(), self._clock.monotonic(), self.limit
        until = None if limit is None or limit.expired() else limit.when()
        left = None if until is None else until - loop.time()
        if limit is not None and left is not None:
            limit.reschedule(None)
        try:
            yield
        finally:
            self.waited += self._clock.monotonic() - begun
            if limit is not None and left is not None:
                limit.reschedule(loop.time() + left)

    def _begins(self, uncached: int) -> None:
        if self._ticket is not None:
            self._ticket.unread = uncached
            self._ticket.began = self._ticket.heard = self._clock.monotonic()

    def _hears(self, ticket: Ticket) -> None:
        if self._waits:
            self._waits = False
            self._slots.door.answers()
        ticket.heard = self._clock.monotonic()

    def _done(self, ticket: Ticket, *, goes_on: bool) -> None:
        """Most tools take no time: a turn that is about to go on keeps the slot for a moment."""
        if goes_on and self._hold and ticket in self._slots.taken:
            self._held = asyncio.get_running_loop().call_later(self._hold, self._slots.release, ticket)
        else:
            self._slots.release(ticket)

    def _leave(self, ticket: Ticket) -> None:
        self._ticket = None
        self._let_go()
        self._slots.leave(ticket)

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.cancel()
            self._held = None

"""Idle work: requests that the engine takes only while nobody is there, and that give way when somebody comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.lanes.door import PASSING
from bot.lanes.gauge import Gauge
from bot.lanes.slots import Slots
from bot.talk.message import Conversation
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Part, Piece

PURPOSE = "idle"


class GaveWay(Exception):
    """Somebody came, so idle work was broken off. What the engine had read by then it still holds."""


class Idle:
    """An `Inference` for one piece of idle work. Once somebody has come, every further request raises GaveWay."""

    def __init__(self, conversation: Conversation, gauge: Gauge, slots: Slots) -> None:
        self._conversation = conversation
        self._gauge = gauge
        self._slots = slots
        self._scope: asyncio.Timeout | None = None
        self._over = False

    @property
    def gave_way(self) -> bool:
        """Whether somebody has come."""
        return self._over

    def give_way(self) -> None:
        """At once: the request that the engine is at is closed."""
        if not self._over:
            self._over = True
            if self._scope is not None:
                self._scope.reschedule(asyncio.get_running_loop().time())

    async def probe(self) -> Engine:
        return await self._gauge.probe()

    async def render(self, part: Part) -> Piece:
        return await self._gauge.render(part)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """As `Inference.stream`; raises GaveWay. Whoever reads it must come back for the next chunk without delay: only
        then it can be closed."""
        if self._over:
            raise GaveWay
        chunks = self._gauge.stream(self._conversation, prompt, reply_tokens=reply_tokens, purpose=PURPOSE)
        with self._slots.lent():
            async with aclosing(chunks):
                while (chunk := await self._next(chunks)) is not None:
                    yield chunk

    async def _next(self, chunks: AsyncGenerator[Chunk]) -> Chunk | None:
        if self._over:
            raise GaveWay
        try:
            async with asyncio.timeout(None) as self._scope:
                return await anext(chunks, None)
        except TimeoutError:
            if not self._over:
                raise
            raise GaveWay from None
        except PASSING as error:
            self._slots.door.fails(error)
            raise
        finally:
            self._scope = None

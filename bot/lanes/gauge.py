"""Watches the requests to one engine: what it holds afterwards, how fast it was, what was read for whom.

An engine drops what was not used for longest, which may be what will be asked for next. So before a long reading the
conversations that are asked in most are shown to it once more: that takes a moment each, and a rare one goes instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from bot.errors import BackendError, ContextOverflow, EngineRefused
from bot.lanes.demand import Demand
from bot.lanes.rates import Rates
from bot.lanes.warmth import SURPRISE, Reading, Warmth
from bot.ports import Clock, Counters, Inference
from bot.talk.message import Conversation
from bot.talk.prompt import Chunk, Engine, Finished, Prompt
from bot.talk.turn import Part, Piece

Remembered = Callable[[Conversation], Awaitable[Prompt | None]]
"""What the next prompt of a conversation will begin with, as it stands now; None where that is not known at once."""

LONG_SECONDS = 5.0
"""A reading that takes at least so long is worth refreshing others for."""

REFRESH_SHARE = 0.25
"""Of that reading's time, which all the others may take together; and of the time that reading one of them anew would
take, in which the engine is through with it if it holds it."""


class Gauge:
    """One engine as seen from its requests."""

    def __init__(self, inference: Inference, *, clock: Clock, counters: Counters) -> None:
        self._inference = inference
        self._clock = clock
        self._counters = counters
        self._engine: Engine | None = None
        self._conversations: dict[str, Conversation] = {}
        self.demand = Demand(clock)
        self.warmth = Warmth()
        self.rates = Rates()

    async def probe(self) -> Engine:
        """An engine that is another one than before, or that fails, holds nothing any more."""
        try:
            engine = await self._inference.probe()
        except BackendError:
            self.warmth.forget()
            raise
        before, self._engine = self._engine, engine
        if before is not None and engine != before:
            self.warmth.forget()
            if (engine.model, engine.digest, engine.resident) != (before.model, before.digest, before.resident):
                self.rates.forget()
        self.warmth.resize(slots=engine.slots, host_tokens=engine.host_tokens)
        self.rates.expect(prefill=engine.prefill_rate, generation=engine.generation_rate)
        return engine

    async def render(self, part: Part) -> Piece:
        return await self._inference.render(part)

    async def stream(
        self,
        conversation: Conversation,
        prompt: Prompt,
        *,
        reply_tokens: int,
        purpose: str,
        begins: Callable[[int], None] = lambda _: None,
    ) -> AsyncGenerator[Chunk]:
        """As `Inference.stream`; `begins` is told how many tokens will have to be read."""
        reading = self.warmth.begins(conversation.key, prompt)
        self._conversations[conversation.key] = conversation
        self._conversations = {key: each for key, each in self._conversations.items() if self.warmth.holds(key)}
        begins(reading.uncached)
        read = False
        try:
            async with aclosing(self._inference.stream(prompt, reply_tokens=reply_tokens)) as chunks:
                async for chunk in chunks:
                    if not read:
                        self.warmth.has_read(reading)
                        read = True
                    if isinstance(chunk, Finished):
                        self._finished(reading, chunk, purpose)
                    yield chunk
        except BackendError as error:
            if not isinstance(error, ContextOverflow | EngineRefused):
                self.warmth.forget()
            raise
        finally:
            self.warmth.ends(reading)

    async def refresh(self, conversation: Conversation, prompt: Prompt, remembered: Remembered) -> None:
        """Before a long reading: see that it does not push out what is wanted more than something else."""
        seconds = self.rates.seconds(self.warmth.uncached(conversation.key, prompt))
        if seconds is None or seconds < LONG_SECONDS:
            return
        until = self._clock.monotonic() + seconds * REFRESH_SHARE
        for key in self.warmth.to_refresh(conversation.key, prompt, self.demand.of):
            other = self._conversations.get(key)
            past = None if other is None else await remembered(other)
            if other is None or past is None or self.warmth.uncached(key, past) >= SURPRISE:
                continue
            if not await self._shown(other, past, seconds=until - self._clock.monotonic()):
                return

    async def _shown(self, conversation: Conversation, prompt: Prompt, *, seconds: float) -> bool:
        """Whether the engine was through with it in so many seconds."""
        enough = (self.rates.seconds(prompt.tokens) or 0.0) * REFRESH_SHARE
        try:
            async with (
                asyncio.timeout(min(seconds, enough)),
                aclosing(self.stream(conversation, prompt, reply_tokens=1, purpose="refresh")) as chunks,
            ):
                async for _ in chunks:
                    pass
        except TimeoutError:
            if seconds >= enough:  # it holds less than was believed
                self.warmth.forget()
            return False
        except BackendError:
            return False
        return True

    def _finished(self, reading: Reading, finished: Finished, purpose: str) -> None:
        self.warmth.has_read(reading, replied=finished.reply_tokens or 0)
        evaluated = self._evaluated(reading, finished)
        if self.warmth.missed(reading, evaluated=evaluated):
            self._counters.add("prompts_colder_than_believed_total")
        self.rates.note(finished, uncached=reading.uncached)
        self._counters.add("prompt_tokens_evaluated_total", evaluated, purpose=purpose)
        self._counters.add("prompt_tokens_total", finished.prompt_tokens or 0, purpose=purpose)

    def _evaluated(self, reading: Reading, finished: Finished) -> int:
        """Of the prompt, as the engine says, or as the time tells that it took."""
        if finished.prompt_tokens is not None and finished.cached_tokens is not None:
            return finished.prompt_tokens - finished.cached_tokens
        rate = self.rates.prefill
        if rate is None or finished.prompt_seconds is None:
            return reading.uncached
        return max(reading.uncached, int(finished.prompt_seconds * rate / 2))

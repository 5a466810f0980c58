"""The same replay with real llama.cpp behind it: what its own counters say of each request's prefix."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from benchmarks.replay.engine import ReplayEngine, piece_of
from bot.inference.template import assemble
from bot.talk.prompt import Chunk, Prompt
from bot.talk.turn import Piece

SECONDS = 120.0
"""Longest wait for llama.cpp."""


@dataclass(slots=True)
class Reused:
    """What real llama.cpp evaluated of the requests that were carried out, and what was expected of it."""

    requests: int = 0
    cached: int = 0
    evaluated: int = 0
    expected: int = 0
    miscounted: int = 0


class RealEngine(ReplayEngine):
    """Carries out each request on a llama-server as well, after it came to its end on the virtual clock."""

    reused: Reused
    _client: httpx.AsyncClient

    def attach(self, client: httpx.AsyncClient) -> None:
        self.reused = Reused()
        self._client = client

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        before = sum(kind.tokens for kind in self.costs.kinds.values())
        async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk
        read = sum(kind.tokens for kind in self.costs.kinds.values()) - before
        await self._clock.working(self._carry_out(prompt, read, asks=reply_tokens > 1))

    async def _carry_out(self, prompt: Prompt, expected: int, *, asks: bool) -> None:
        timings = await self._complete(prompt.pieces)
        self.reused.requests += 1
        self.reused.cached += timings["cache_n"]
        self.reused.evaluated += timings["prompt_n"]
        self.reused.expected += expected
        self.reused.miscounted += timings["cache_n"] + timings["prompt_n"] != prompt.tokens
        if asks and "(The older part" not in prompt.pieces[-1].text:
            # What a model would have said: generating leaves the words in the slot, as reading them does.
            await self._complete((*prompt.pieces, piece_of(self.reply, self._tekken)), ended=False)

    async def _complete(self, pieces: tuple[Piece, ...], *, ended: bool = True) -> dict[str, int]:
        text, _ = assemble(pieces)
        body = {"prompt": text if ended else text.removesuffix("</s>"), "n_predict": 1, "cache_prompt": True}
        answer = await self._client.post("/completion", content=json.dumps(body), timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()["timings"]

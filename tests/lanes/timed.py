"""An engine that takes time on a fake clock, and says how long it took."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bot.talk.message import Conversation, Place
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Part, Piece
from tests.fakes import FakeClock

PREFILL, GENERATION = 1000.0, 20.0
"""Tokens a second."""

REPLY = 100
"""Tokens of every answer."""

TEMPLATE = "timed/1"


class TimedEngine:
    """Reads what it does not hold and writes a reply. `held`: tokens of a prompt it holds, by its first piece."""

    def __init__(self, clock: FakeClock, engine: Engine | None = None) -> None:
        self._clock = clock
        self.engine = engine or Engine(name="timed", model="timed", window=32_768)
        self.held: dict[str, int] = {}
        self.prompts: list[Prompt] = []

    async def probe(self) -> Engine:
        return self.engine

    async def render(self, part: Part) -> Piece:
        raise NotImplementedError

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        self.prompts.append(prompt)
        cached = min(self.held.get(prompt.pieces[0].text, 0), prompt.tokens)
        reads, writes = (prompt.tokens - cached) / PREFILL, min(REPLY, reply_tokens) / GENERATION
        await self._clock.sleep(reads)
        self.held[prompt.pieces[0].text] = prompt.tokens
        yield TextChunk(text="yes")
        await self._clock.sleep(writes)
        yield Finished(
            reason=StopReason.STOP,
            prompt_tokens=prompt.tokens,
            cached_tokens=cached,
            reply_tokens=min(REPLY, reply_tokens),
            prompt_seconds=reads,
            reply_seconds=writes,
        )


def conversation(name: str) -> Conversation:
    return Conversation(place=Place(platform="local", id=name))


def prompt(name: str, tokens: int) -> Prompt:
    return Prompt(pieces=(Piece(text=name, tokens=tokens, template=TEMPLATE),))

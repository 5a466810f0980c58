"""One request to the engine, heard to its end: for whoever can do nothing with half of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from bot.errors import EngineBroke
from bot.talk.prompt import CallChunk, Chunk, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Call


class Streams(Protocol):
    """The engine, or its idle time."""

    def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    text: str
    calls: tuple[Call, ...]
    finished: Finished

    @property
    def broken_off(self) -> bool:
        """At the limit of its tokens."""
        return self.finished.reason is StopReason.LENGTH


async def written(engine: Streams, prompt: Prompt, *, reply_tokens: int) -> Written:
    """Raises what the engine's `stream` raises, and EngineBroke where it ends without saying so."""
    text, calls, finished = "", list[Call](), None
    async with aclosing(engine.stream(prompt, reply_tokens=reply_tokens)) as chunks:
        async for chunk in chunks:
            match chunk:
                case TextChunk(text=more):
                    text += more
                case CallChunk(call=call):
                    calls.append(call)
                case Finished():
                    finished = chunk
    if finished is None:
        raise EngineBroke("the stream ended without a last chunk")
    return Written(text=text, calls=tuple(calls), finished=finished)

"""An engine for random lives: it takes notes, mostly good ones, and refuses as real ones do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
from random import Random

from bot.errors import ContextOverflow, EngineBroke, EngineRefused
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import Call
from tests.fakes import FakeEngine


class LivingEngine(FakeEngine):
    """Takes notes by the words that it was shown, mostly; `wrong` is what was asked of it that it could not take.

    `broken`: for each of `prompts`, how many breaks had been counted then.
    """

    def __init__(self, random: Random, engine: Engine) -> None:
        super().__init__(engine=engine)
        self.random = random
        self.wrong: list[str] = []
        self.noting: asyncio.Event | None = None
        self.breaks: Callable[[], int] = lambda: 0
        self.broken: list[int] = []

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        if prompt.tokens + reply_tokens > self.engine.window:
            self.wrong.append(f"{prompt.tokens} + {reply_tokens} tokens in {self.engine.window}")
            raise ContextOverflow(self.wrong[-1])
        if {piece.template for piece in prompt.pieces} != {self.template}:
            self.wrong.append("pieces of another template")
            raise EngineRefused(self.wrong[-1])
        if reply_tokens > 1:
            self.broken.append(self.breaks())
        if reply_tokens > 1 and asks_for_notes(prompt):
            self.scripts.insert(0, self._notes(prompt))  # pyright: ignore[reportArgumentType] # checked where played
        async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _notes(self, prompt: Prompt) -> Sequence[object]:
        words = [word for piece in prompt.pieces for word in piece.text.split() if is_word(word)]
        held = () if self.noting is None else (self.noting,)
        good = (*held, " ".join(self.random.sample(words, min(len(words), 12))) or "Nothing.")
        bad: list[Sequence[object]] = [
            (*held, "…"),
            ("word " * 2000,),
            (Call(id="c", name="clock", arguments="{}"),),
            (EngineBroke("it broke"),),
        ]
        return good if self.random.random() < 0.7 else self.random.choice(bad)

    @contextmanager
    def noting_held(self) -> Generator[None]:
        """Notes that are begun meanwhile take until the end of this."""
        self.noting = asyncio.Event()
        try:
            yield
        finally:
            self.noting.set()
            self.noting = None


def asks_for_notes(prompt: Prompt) -> bool:
    return "Write your own notes" in prompt.pieces[-1].text


def is_word(text: str) -> bool:
    return text.startswith("w") and text.endswith("w") and text[1:-1].isdigit()

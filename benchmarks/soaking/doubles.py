"""Doubles of platform and engine that keep nothing, so that what grows is the program's."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import AsyncGenerator
from random import Random

from PIL import Image as Picture

from benchmarks.chatter import advice
from bot.ports import Clock, Hear
from bot.talk.delivery import Delivery, Shown, ShownMessage
from bot.talk.message import Attachment, Place
from bot.talk.prompt import CallChunk, Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Call, Instructions, Part, Piece, Question, Reply, Results, Summary

PREFILL, GENERATION = 1300.0, 40.0
"""Tokens a second; a token is a word here."""
CALLS = 0.05
"""Of all replies, those that call a tool first."""
TEMPLATE = "soak/1"
PICTURE_TOKENS = 200


class QuietPlatform:
    """Implements `Platform`: shows what it is told, and remembers nothing."""

    name = "local"

    def __init__(self) -> None:
        self.delivered = 0
        self._ids = itertools.count(1)
        self._picture = _picture()

    async def run(self, hear: Hear) -> None:
        raise NotImplementedError

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        self.delivered += 1
        if delivery.final and not (delivery.text or delivery.lead):
            return Shown()
        digest = hashlib.sha256(f"{delivery.text}{delivery.lead}{delivery.actions}".encode()).hexdigest()
        message = shown.messages[0].id if shown.messages else f"ours-{next(self._ids)}"
        return Shown(messages=(ShownMessage(id=message, digest=digest),))

    async def typing(self, place: Place) -> None:
        pass

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        # Each file is another one to whoever compares bytes; JPEG ends before what is added.
        yield self._picture + attachment.id.encode()


class QuietEngine:
    """Implements `Inference`: counts words, takes its time on the virtual clock, says invented advice."""

    def __init__(self, clock: Clock, random: Random, *, window: int) -> None:
        self.replies = 0
        self._clock = clock
        self._random = random
        self._engine = Engine(name="quiet", model="quiet", window=window, vision=True, tools=True)
        self._calls = itertools.count(1)

    async def probe(self) -> Engine:
        return self._engine

    async def render(self, part: Part) -> Piece:
        text = _text(part)
        images = tuple(image for line in part.lines for image in line.images) if isinstance(part, Question) else ()
        tokens = len(text.split()) + PICTURE_TOKENS * len(images)
        return Piece(text=text, tokens=tokens, template=TEMPLATE, images=images)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        await self._clock.sleep(prompt.tokens / PREFILL)
        if reply_tokens == 1:
            yield Finished(reason=StopReason.LENGTH, prompt_tokens=prompt.tokens, reply_tokens=1)
            return
        self.replies += 1
        if self._random.random() < CALLS and not prompt.pieces[-1].text.startswith("<r>"):
            call = Call(id=f"c{next(self._calls):08}", name="calculator", arguments='{"expression": "6*7"}')
            yield CallChunk(call=call)
            yield Finished(reason=StopReason.STOP, prompt_tokens=prompt.tokens, reply_tokens=9)
            return
        words = advice(self._random, self._random.randint(1, 4)).split(" ")
        for half in (words[: len(words) // 2], words[len(words) // 2 :]):
            await self._clock.sleep(len(half) / GENERATION)
            yield TextChunk(text=" ".join(half) + " ")
        yield Finished(reason=StopReason.STOP, prompt_tokens=prompt.tokens, reply_tokens=len(words))


def _text(part: Part) -> str:
    match part:
        case Instructions(persona=persona):
            return f"<head> {persona} </head>"
        case Summary(text=text):
            return f"<s> {text} </s>"
        case Question(lines=lines):
            return "<q> " + "\n".join(line.text for line in lines) + " </q>"
        case Reply(text=text, calls=calls):
            return f"{text} {' '.join(f'{call.name}{call.arguments}' for call in calls)} </s>"
        case Results(results=results):
            return "<r> " + " | ".join(result.content for result in results) + " </r>"


def _picture() -> bytes:
    buffer = io.BytesIO()
    Picture.effect_noise((320, 200), 40).convert("RGB").save(buffer, "JPEG", quality=60)
    return buffer.getvalue()

"""Asks the model for the summary of a case, in line as whoever asked: a note does not wait for it for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing

from bot.errors import BackendError, QueueFull
from bot.lanes.door import Patience
from bot.lanes.engines import Engines
from bot.ports import Inference
from bot.support.words import INSTRUCTIONS, held, request
from bot.talk.message import Conversation, Message, Place
from bot.talk.prompt import Finished, Prompt, StopReason, TextChunk
from bot.talk.support import Case
from bot.talk.turn import Instructions, Line, Question

PATIENCE_SECONDS = 30.0
"""For an engine that is away; the asker's own words are told then."""
SECONDS = 90.0
"""In all, with the time in line."""
REPLY_TOKENS = 300

log = logging.getLogger(__name__)


class Summing:
    """`window`: tokens, of the settings."""

    def __init__(self, engines: Engines, *, window: int) -> None:
        self._engines = engines
        self._window = window

    async def summary(self, case: Case, talk: Sequence[Message], language: str) -> str:
        """ "" where there is none that says only what was said."""
        try:
            async with asyncio.timeout(SECONDS):
                said = await self._said(case, request(talk, language))
        except (BackendError, QueueFull, TimeoutError) as error:
            log.info("a case is told without a summary: %s", type(error).__name__)
            return ""
        return held(said, talk)

    async def _said(self, case: Case, text: str) -> str:
        place, patience = Place(platform=case.place.platform, id="support"), Patience(seconds=PATIENCE_SECONDS)
        talk = Conversation(place=place, only=case.asker)
        seat = await self._engines.awaited(place, patience)
        if seat.engine.demo:
            return ""
        head = await seat.lanes.render(Instructions(persona=INSTRUCTIONS))
        question = await seat.lanes.render(Question(lines=(Line(text=text),)))
        prompt = Prompt(pieces=(head, question))
        if prompt.tokens + REPLY_TOKENS >= min(seat.engine.window, self._window):
            return ""
        with self._engines.queued(case.asker, talk):
            async with seat.lanes.turn(talk, person=case.asker, patience=patience) as engine:
                return await _words(engine, prompt)


async def _words(engine: Inference, prompt: Prompt) -> str:
    """ "" where it did not come to an end."""
    text, whole = "", False
    async with aclosing(engine.stream(prompt, reply_tokens=REPLY_TOKENS)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, TextChunk):
                text += chunk.text
            elif isinstance(chunk, Finished):
                whole = chunk.reason is not StopReason.LENGTH
    return text if whole else ""

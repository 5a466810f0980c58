"""Asks the engine: in line, as whoever waits for a translation, or in its idle time.

Every conversation asks in a lane of its own, so that a translation never waits for the answer that it belongs to.
"""

from __future__ import annotations

import asyncio

from bot.errors import ContextOverflow, EngineGone, TranslationFailed
from bot.lanes.door import Patience
from bot.lanes.engines import Engines, Seat
from bot.lanes.idle import GaveWay
from bot.lanes.written import written
from bot.ports import Inference
from bot.settings import EngineSettings
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Prompt
from bot.talk.turn import Instructions, Line, Question
from bot.translate.request import INSTRUCTIONS

PATIENCE_SECONDS = 120.0
"""How long somebody who waits for a translation waits for an engine that is away."""

IDLE_SECONDS = 1800.0
"""How long an idle translation waits for the engine to have nothing else to do."""

PLACE = "translate"


class Asks:
    """Of one translation, for one conversation."""

    def __init__(self, engines: Engines, conversation: Conversation, *, waits: bool, settings: EngineSettings) -> None:
        self._engines = engines
        self._place = Place(platform=conversation.place.platform, id=PLACE)
        self._lane = Conversation(place=self._place, only=conversation.key)
        self._person = conversation.only or conversation.key
        self._waits = waits
        self._settings = settings
        self._patience = Patience(seconds=PATIENCE_SECONDS if waits else IDLE_SECONDS)

    async def said(self, text: str) -> str:
        """What the engine says to it. Raises TranslationFailed where it does not fit, QueueFull, BackendError."""
        seat = await self._engines.awaited(self._place, self._patience, main=True)
        head = await seat.lanes.render(Instructions(persona=INSTRUCTIONS))
        question = await seat.lanes.render(Question(lines=(Line(text=text),)))
        window = min(seat.engine.window, self._settings.window)
        reply = min(self._settings.reply_tokens, window // 3)
        prompt = Prompt(pieces=(head, question))
        if prompt.tokens + reply >= window:
            raise TranslationFailed(f"{prompt.tokens} tokens leave no room for a translation in {window}")
        try:
            return await self._heard(seat, prompt, reply)
        except ContextOverflow as error:
            raise TranslationFailed("the engine takes less than it said") from error

    async def _heard(self, seat: Seat, prompt: Prompt, reply: int) -> str:
        if self._waits:
            with self._engines.queued(self._person, self._lane):
                async with seat.lanes.turn(self._lane, person=self._person, patience=self._patience) as engine:
                    return await _words(engine, prompt, reply)
        limit = asyncio.timeout(IDLE_SECONDS)
        try:
            async with limit:
                while True:
                    try:
                        async with seat.lanes.idle(self._lane) as engine:
                            return await _words(engine, prompt, reply)
                    except GaveWay:
                        continue
        except TimeoutError:
            if not limit.expired():
                raise
            raise EngineGone("the engine was never idle", minutes=round(IDLE_SECONDS / 60)) from None


async def _words(engine: Inference, prompt: Prompt, reply: int) -> str:
    whole = await written(engine, prompt, reply_tokens=reply)
    # Broken off at the limit, its last line is not whole: too few are left, which is seen.
    return whole.text.rpartition("\n")[0] if whole.broken_off else whole.text

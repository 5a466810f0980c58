"""Translates what is carried over: for how long an engine that is away is waited for, and what goes as it is."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from bot.errors import BackendError, ModelError
from bot.ports import Clock
from bot.ports.translation import Translated, Translates
from bot.settings import MirrorSettings
from bot.talk.message import Conversation
from bot.talk.mirror import Side

GRACE = 30.0
"""Seconds that a translation may take at least, however long its message has waited."""
AGAIN_AFTER = 60.0
"""Seconds for which an engine that failed is not waited for any more by what has waited long."""

log = logging.getLogger(__name__)


class Translating:
    def __init__(self, translates: Translates, limits: MirrorSettings, clock: Clock) -> None:
        self._translates = translates
        self._limits = limits
        self._clock = clock
        self._failed_at = float("-inf")

    async def translated(self, text: str, side: Side, *, since: datetime) -> Translated | None:
        """None where it goes as it is: too long, beyond the model, or it has waited long enough. Raises BackendError
        where it is to wait. `since`: when it came."""
        if not text.strip():
            return Translated(text=text, source="", to=side.language, same=True)
        if len(text) > self._limits.chars:
            return None
        waited = self._clock.now() - since
        left = (timedelta(minutes=self._limits.wait_minutes) - waited).total_seconds()
        failed = self._clock.monotonic() - self._failed_at < AGAIN_AFTER
        if left <= 0 and failed:
            return None
        conversation = Conversation(place=side.place)
        try:
            async with asyncio.timeout(max(left, GRACE)):
                return await self._translates.translated(text, to=side.language, conversation=conversation)
        except ModelError as error:
            log.info("a copy is carried over as it is: %s", error)
            return None
        except (BackendError, TimeoutError) as error:
            self._failed_at = self._clock.monotonic()
            if left <= 0 or isinstance(error, TimeoutError):
                return None
            raise

"""Keeping which languages are pinned, and which ones people last wrote in."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.talk.language import Languages, Pins
from bot.talk.message import Place

HISTORY = 5
"""Messages of a person of which the language is kept."""


class LanguageStore(Protocol):
    """A part of the store. Every method is one transaction. Raises DatabaseUnusable."""

    async def languages(self, place: Place, person: str = "") -> Languages:
        """What is pinned there, and of the person (as `Person.key`)."""
        ...

    async def pin_language(self, pins: Pins, place: Place, person: str, tag: str | None) -> None:
        """For the person, the place, or its server; None takes it away."""
        ...

    async def note_language(self, person: str, tag: str, *, at: datetime) -> None:
        """Of a message that the person wrote; the last HISTORY are kept. Nothing of who has opted out."""
        ...

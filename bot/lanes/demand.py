"""How often conversations are asked in lately, to know which are worth keeping warm."""

from __future__ import annotations

import math

from bot.ports import Clock

FADES_SECONDS = 3600.0
"""A question counts e times less after so long."""

KEPT = 256
"""Conversations remembered at most: those asked in most."""


class Demand:
    """Fading counts of questions, by conversation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[float, float]] = {}

    def asked(self, key: str) -> None:
        """Somebody asks in the conversation."""
        self._counts[key] = (self.of(key) + 1, self._clock.monotonic())
        if len(self._counts) > KEPT:
            ranked = sorted(self._counts, key=self.of)
            for least in ranked[: KEPT // 2]:
                del self._counts[least]

    def of(self, key: str) -> float:
        """Questions lately; 0 for a conversation that is not remembered."""
        count, at = self._counts.get(key, (0.0, 0.0))
        return count * math.exp((at - self._clock.monotonic()) / FADES_SECONDS)

"""Holds back what says too much: whoever is not read has to wait, and nobody else notices."""

from __future__ import annotations

from bot.ports import Clock

BYTES_A_SECOND = 2 * 1024 * 1024
BURST_BYTES = 8 * 1024 * 1024
A_MESSAGE = 4096  # bytes that one more message counts as, however short


class Throttle:
    """Lets `burst` bytes through at once, and then so many a second."""

    def __init__(self, clock: Clock, *, rate: float = BYTES_A_SECOND, burst: float = BURST_BYTES) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = clock.monotonic()

    async def take(self, size: int) -> None:
        """Waits until so much more is allowed."""
        now = self._clock.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - size
        self._at = now
        if self._left < 0:
            await self._clock.sleep(-self._left / self._rate)

"""How fast the engine reads and writes, measured from what it says about its own requests.

A few requests say nothing: short prompts measure the start of the work rather than the work, and where an engine does
not tell how much of a prompt it still had, one that was not read looks as if it had been read at once. So each
measurement counts for as long as it took, and the middle one is believed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from statistics import median_low

from bot.talk.prompt import Finished

LEAST_READ = 256
LEAST_WRITTEN = 16
"""Tokens; a request that evaluated or wrote fewer measures nothing."""

REMEMBERED = 32
"""Measurements kept of each kind: the newest ones."""

FIRST_REPLY = 200
"""Tokens of a typical reply, before any was counted."""


class Rates:
    """Tokens a second of one engine; None while nothing was measured and the engine brought no figure of its own."""

    def __init__(self) -> None:
        self._reading: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)
        self._writing: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)
        self._replies: deque[int] = deque(maxlen=REMEMBERED)
        self._prefill: float | None = None
        self._generation: float | None = None

    @property
    def prefill(self) -> float | None:
        """Tokens of a prompt that are evaluated in a second."""
        return _middle(self._reading) if self._reading else self._prefill

    @property
    def generation(self) -> float | None:
        """Tokens of a reply that are generated in a second."""
        return _middle(self._writing) if self._writing else self._generation

    @property
    def reply(self) -> int:
        """Tokens of a typical reply."""
        return median_low(self._replies) if self._replies else FIRST_REPLY

    def seconds(self, uncached_tokens: int, reply_tokens: int = 0) -> float | None:
        """How long it takes to read so many tokens that are not cached and to write so many; None if unmeasured."""
        total = 0.0
        for tokens, rate in ((uncached_tokens, self.prefill), (reply_tokens, self.generation)):
            if tokens and rate is None:
                return None
            total += tokens / rate if rate else 0.0
        return total

    def note(self, finished: Finished, *, uncached: int) -> None:
        """A request ended. `uncached`: tokens believed to have been evaluated, where the engine does not say itself."""
        evaluated = uncached
        if finished.prompt_tokens is not None and finished.cached_tokens is not None:
            evaluated = finished.prompt_tokens - finished.cached_tokens
        if evaluated >= LEAST_READ and finished.prompt_seconds:
            self._reading.append((evaluated / finished.prompt_seconds, finished.prompt_seconds))
        written = finished.reply_tokens or 0
        if written >= LEAST_WRITTEN and finished.reply_seconds:
            self._writing.append((written / finished.reply_seconds, finished.reply_seconds))
            self._replies.append(written)

    def expect(self, *, prefill: float | None, generation: float | None) -> None:
        """What was measured otherwise; it counts until there is something of our own."""
        self._prefill = prefill
        self._generation = generation

    def forget(self) -> None:
        """It is another model now."""
        self._reading.clear()
        self._writing.clear()
        self._replies.clear()


def _middle(measured: Iterable[tuple[float, float]]) -> float:
    """The median of rates, each weighing as many seconds as it was measured for."""
    ordered = sorted(measured)
    left = sum(seconds for _, seconds in ordered) / 2
    for rate, seconds in ordered:
        left -= seconds
        if left <= 0:
            return rate
    return ordered[-1][0]

"""Invariant 1: the tokens that were predicted for a prompt equal what the engine reports, and if not, why.

A difference is counted by its cause, as far as it can be known from what was added since the last comparison. One that
means that the engine has cut the prompt fails the turn.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from bot.errors import ContextOverflow
from bot.ports import Counters
from bot.talk.prompt import Engine, Finished, Prompt

log = logging.getLogger(__name__)

TRUNCATION_SHARE, TRUNCATION_TOKENS = 0.99, 8
"""An engine that counted less than this of an exact prompt, and more than so many tokens less, has cut it."""


class Cause(StrEnum):
    """Why counts differ. `TEXT`: no other reason is in sight."""

    TEXT = "text"
    PICTURES = "pictures"
    CALLS = "calls"
    BOUND = "bound"
    """The engine's counts are only bounded here, and the bound was too low."""
    CACHED_LEFT_OUT = "cached-left-out"
    """The engine reports only what it read anew."""
    TRUNCATED = "truncated"


class Comparison:
    """Of the prompts of one turn, each of which begins with the one before."""

    def __init__(self, engine: Engine, counters: Counters) -> None:
        self._engine = engine
        self._counters = counters
        self._compared = 0
        self._difference = 0
        self._cause = Cause.TEXT

    def check(self, prompt: Prompt, finished: Finished) -> None:
        """Raises ContextOverflow where the engine has cut the prompt."""
        if finished.prompt_tokens is None:
            return
        difference = finished.prompt_tokens - prompt.tokens
        if not self._engine.exact:
            if difference > 0:
                self._miscounted(Cause.BOUND, prompt.tokens, difference)
            return
        result = "equal" if difference == 0 else "under" if difference > 0 else "over"
        self._counters.add("prompt_count_total", result=result)
        cause = self._reason(prompt, finished, difference)
        self._compared, self._difference, self._cause = len(prompt.pieces), difference, cause
        if difference:
            self._miscounted(cause, prompt.tokens, difference)
        if cause is Cause.TRUNCATED:
            raise ContextOverflow(
                "the engine evaluated fewer tokens than it was sent: it has cut the prompt",
                prompt_tokens=prompt.tokens,
                window=self._engine.window,
            )

    def _reason(self, prompt: Prompt, finished: Finished, difference: int) -> Cause:
        if difference == -(finished.cached_tokens or 0) != 0:
            return Cause.CACHED_LEFT_OUT
        if difference < (TRUNCATION_SHARE - 1) * prompt.tokens - TRUNCATION_TOKENS:
            return Cause.TRUNCATED
        if difference == self._difference:  # what has been added since is right
            return self._cause
        if any(piece.images for piece in prompt.pieces[self._compared :]):
            return Cause.PICTURES
        return Cause.CALLS if self._compared else Cause.TEXT

    def _miscounted(self, cause: Cause, predicted: int, difference: int) -> None:
        result = "under" if difference > 0 else "over"
        self._counters.add("prompt_miscounts_total", result=result, cause=cause.value)
        log.warning("predicted %d prompt tokens, the engine counted %d (%s)", predicted, predicted + difference, cause)

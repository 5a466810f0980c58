"""Where a prompt is cut, chosen from how fast the engine reads.

What a cut keeps has to be read anew once, in somebody's pause, so it may take as long as a pause. More would leave the
next person waiting for it; less would forget what the engine could have read in time.
"""

from __future__ import annotations

from bot.memory.compose import Budget
from bot.settings import Memory

UNMEASURED_SHARE = 0.3
"""Of the usable window that a cut keeps before the engine's speed is known."""
LEAST_SHARE, MOST_SHARE = 0.1, 0.4
"""Of the usable window that a cut keeps on a slow and on a fast engine. With more, cuts come so often that reading
what they keep costs more than the new words; see docs/benchmarks.md."""

MARGIN, MOST_MARGIN_SHARE = 2048, 0.15
"""Tokens below the end of the window in which the next cut is prepared: some ten turns of a busy channel, each of which
leaves a pause. Less would be met by a longer question before a pause was long enough; more would be room unused."""

SUMMARY_SHARE = 0.1
"""Of what a cut keeps that its summary may take."""


def budget_for(window: int, reply: int, *, prefill: float | None, memory: Memory) -> Budget:
    """`prefill`: tokens of a prompt that the engine evaluates in a second, None where nothing was measured yet."""
    usable = window - reply
    wished = usable * UNMEASURED_SHARE if prefill is None else prefill * memory.rewarm_seconds
    keep = int(min(max(wished, usable * LEAST_SHARE), usable * MOST_SHARE))
    margin = min(MARGIN, usable * MOST_MARGIN_SHARE)
    return Budget(
        window=window,
        reply=reply,
        keep=keep,
        prepare=int(usable - margin),
        summary=min(memory.summary_tokens, int(keep * SUMMARY_SHARE)),
    )

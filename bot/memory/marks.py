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

MARGIN_SHARE = 0.02
LEAST_MARGIN = 2048
MOST_MARGIN_SHARE = 0.15
"""Room below the end of the window in which the next cut is prepared: some turns long, whatever the window."""

SUMMARY_SHARE = 0.1
"""Of what a cut keeps that its summary may take."""


def budget_for(window: int, reply: int, *, prefill: float | None, memory: Memory) -> Budget:
    """`prefill`: tokens of a prompt that the engine evaluates in a second, None where nothing was measured yet."""
    usable = window - reply
    wished = usable * UNMEASURED_SHARE if prefill is None else prefill * memory.rewarm_seconds
    keep = int(min(max(wished, usable * LEAST_SHARE), usable * MOST_SHARE))
    margin = min(max(usable * MARGIN_SHARE, LEAST_MARGIN), usable * MOST_MARGIN_SHARE)
    return Budget(
        window=window,
        reply=reply,
        keep=keep,
        prepare=int(usable - margin),
        summary=min(memory.summary_tokens, int(keep * SUMMARY_SHARE)),
    )

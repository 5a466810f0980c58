"""How much of what was said beside the questions a turn takes up: the newest, up to a budget in the engine's tokens.

Counting twice would cost every turn what only a busy channel needs, so nothing is counted while the bytes say enough:
a token is never less than a byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.memory.transcribe import heard, size
from bot.talk.message import Message
from bot.talk.turn import Line, Part, Piece, Question


class Counts(Protocol):
    """All that is needed of an engine."""

    async def render(self, part: Part) -> Piece: ...


async def newest_within(
    overheard: Sequence[Message], *, tokens: int, timezone: str, inference: Counts
) -> Sequence[Message]:
    """The last of these messages (the oldest comes first) that take at most so many tokens together."""
    zone = ZoneInfo(timezone)
    lines = [heard(each, zone) for each in overheard]
    left = tokens
    first = _sure(lines, len(lines), left)
    if first == 0:
        return overheard
    around = (await inference.render(Question(lines=()))).tokens
    kept = len(lines)
    while kept:
        # Beyond what fits for sure, one by one.
        first = min(_sure(lines, kept, left), kept - 1)
        # With the end of the line that joins them to the others.
        left -= (await inference.render(Question(lines=tuple(lines[first:kept])))).tokens - around + 1
        if left < 0:
            break
        kept = first
    return overheard[kept:]


def _sure(lines: Sequence[Line], end: int, tokens: int) -> int:
    """From which line on those before `end` fit, going by their bytes alone."""
    first = end
    while first and (tokens := tokens - size(lines[first - 1])) >= 0:
        first -= 1
    return first

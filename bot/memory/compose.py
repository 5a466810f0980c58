"""Which pieces make the next prompt, and where the past is cut. Pure: stored pieces in, a prompt out.

Cut seldom and much: nothing goes until the prompt would pass the high-water mark, then whole turns go, oldest first,
until it is under the low-water mark. A turn is never split, so a call never loses its result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.errors import MessageTooLarge
from bot.talk.prompt import Prompt
from bot.talk.record import StoredPiece
from bot.talk.turn import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Tokens: of the window, kept free for the reply, and the marks as shares of what is left of it."""

    window: int
    reply: int
    high_water: float
    low_water: float

    @property
    def usable(self) -> int:
        return self.window - self.reply

    @property
    def high(self) -> int:
        return int(self.usable * self.high_water)

    @property
    def low(self) -> int:
        return int(self.usable * self.low_water)

    def overflown(self, sent: int, *, counted: int, window: int) -> Budget:
        """What is left of it after a prompt of `sent` tokens, as predicted, did not fit.

        Always less than was sent, so that what is cut next is more than nothing; by the engine's own count of the
        prompt and of its window where it says them (0: it does not).
        """
        usable = sent - 1
        if counted and window:
            usable = min(usable, (window - min(self.reply, window // 4)) * sent // counted)
        return replace(self, window=usable + self.reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """`cut_before`: pieces with a smaller seq went; None where nothing was cut."""

    prompt: Prompt
    cut_before: int | None


def compose(head: Piece, past: Sequence[StoredPiece], question: Piece, budget: Budget) -> Composition:
    """Head, what fits of the past, question. Every past piece must be rendered.

    Raises MessageTooLarge where head and question alone do not fit.
    """
    fixed = head.tokens + question.tokens
    if fixed > budget.usable:
        raise MessageTooLarge(f"{fixed} tokens do not fit the {budget.usable} that are usable")
    turns = [tuple(pieces) for _, pieces in groupby(past, key=lambda stored: stored.turn)]
    total = fixed + sum(_tokens(turn) for turn in turns)
    dropped = 0
    if total > budget.high:
        while dropped < len(turns) and total > budget.low:
            total -= _tokens(turns[dropped])
            dropped += 1
    kept = [stored for turn in turns[dropped:] for stored in turn]
    if not dropped:
        cut_before = None
    elif kept:
        cut_before = kept[0].seq
    else:
        cut_before = past[-1].seq + 1
    pieces = (head, *(rendered(stored) for stored in kept), question)
    return Composition(prompt=Prompt(pieces=pieces), cut_before=cut_before)


def rendered(stored: StoredPiece) -> Piece:
    """The piece itself; one that was not rendered again is a programming error."""
    if stored.piece is None:
        raise ValueError(f"piece {stored.seq} has not been rendered")
    return stored.piece


def _tokens(turn: Iterable[StoredPiece]) -> int:
    return sum(rendered(stored).tokens for stored in turn)

"""Which pieces make the next prompt, and where the past is cut. Pure: stored pieces in, a prompt out.

Cut seldom and much: nothing goes while the prompt fits, then whole turns go, oldest first, until no more is left than a
cut shall keep. A turn is never split, so a call never loses its result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.errors import MessageTooLarge
from bot.talk.record import StoredPiece
from bot.talk.turn import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Tokens: of the window, kept free for the reply, what is left after a cut, and of a summary at most.

    `prepare`: from so many tokens on the next cut is prepared while nobody waits. `marks` chooses all of them.
    """

    window: int
    reply: int
    keep: int
    prepare: int
    summary: int

    @property
    def usable(self) -> int:
        return self.window - self.reply

    def newest(self, head: int) -> int:
        """What the last turn may take up beside a head of so many tokens although that is more than a cut keeps."""
        return self.usable // 2 - head - self.summary

    def overflown(self, sent: int, *, counted: int, window: int) -> Budget:
        """What is left of it after a prompt of `sent` tokens, as predicted, did not fit.

        Always less than was sent, so that what is cut next is more than nothing; by the engine's own count of the
        prompt and of its window where it says them (0: it does not).
        """
        usable = sent - 1
        if counted and window:
            usable = min(usable, (window - min(self.reply, window // 4)) * sent // counted)
        return replace(
            self,
            window=usable + self.reply,
            keep=min(self.keep, usable // 2),
            prepare=min(self.prepare, usable),
            summary=min(self.summary, max(0, usable // 8)),
        )


def require_room(fixed: int, budget: Budget) -> None:
    """Raises MessageTooLarge where what cannot be cut, head and question, does not fit."""
    if fixed > budget.usable:
        raise MessageTooLarge(f"{fixed} tokens do not fit the {budget.usable} that are usable")


def kept_within(past: Sequence[StoredPiece], room: int, *, newest: int = 0) -> Sequence[StoredPiece]:
    """The newest whole turns that take no more than `room` tokens together. Every piece must be rendered.

    `newest`: so many the last turn may take in any case: people go on from it.
    """
    turns = [tuple(pieces) for _, pieces in groupby(past, key=lambda stored: stored.turn)]
    first = len(turns)
    if turns:
        last = tokens_of(turns[-1])
        room = max(room, last if last <= newest else 0)
    for turn in reversed(turns):
        room -= tokens_of(turn)
        if room < 0:
            break
        first -= 1
    return [stored for turn in turns[first:] for stored in turn]


def cut_point(past: Sequence[StoredPiece], kept: Sequence[StoredPiece]) -> int:
    """What `Store.cut` takes as `before`, so that only `kept`, the end of a past that is not empty, is left."""
    return kept[0].seq if kept else past[-1].seq + 1


def tokens_of(pieces: Iterable[StoredPiece]) -> int:
    return sum([rendered(stored).tokens for stored in pieces])


def rendered(stored: StoredPiece) -> Piece:
    """The piece itself; one that was not rendered again is a programming error."""
    if stored.piece is None:
        raise ValueError(f"piece {stored.seq} has not been rendered")
    return stored.piece

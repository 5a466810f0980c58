"""What a prompt is put together of, before it is one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.memory.compose import rendered, tokens_of
from bot.talk.prompt import Prompt
from bot.talk.record import Ledger, StoredPiece, StoredSummary
from bot.talk.turn import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A prompt that fits, and its last piece, which is stored with the turn."""

    prompt: Prompt
    question: Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the next prompt of a conversation starts with, rendered for one engine.

    `left_behind`: pieces before `past` that would not fit in any case were not rendered.
    """

    head: Piece
    summary: StoredSummary | None
    past: tuple[StoredPiece, ...]
    ledger: Ledger
    left_behind: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        told = () if self.summary is None else (self.summary.piece,)
        return (self.head, *told, *map(rendered, self.past))

    @property
    def tokens(self) -> int:
        told = 0 if self.summary is None else self.summary.piece.tokens
        return self.head.tokens + told + tokens_of(self.past)

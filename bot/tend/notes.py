"""Has the model take notes of what leaves its view, and takes them for a summary where they are one.

Whatever it says instead, and an engine that fails, stalls or finds the request too long, is counted and gives nothing:
whoever asked has excerpts to tell, and does not ask again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ContextOverflow, EngineBroke, EngineRefused, EngineStalled
from bot.lanes.idle import Idle
from bot.lanes.written import written
from bot.memory.compose import Budget, kept_within, rendered, tokens_of
from bot.memory.recollection import EXCERPTED
from bot.memory.remembered import Remembered
from bot.memory.summaries import Refused, ended, judge
from bot.ports import Counters, Store
from bot.talk.message import Conversation
from bot.talk.prompt import Finished, Prompt
from bot.talk.record import StoredPiece, StoredSummary
from bot.talk.turn import Piece, Reply

log = logging.getLogger(__name__)

LEAST = 16
"""Tokens of a summary below which nothing can be told: the model is not asked then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What notes are asked of: the pieces before the request, and which stored pieces they may hold words of."""

    pieces: tuple[Piece, ...]
    first: int
    last: int


class Notes:
    """Of one conversation, by one engine, within a budget."""

    def __init__(
        self, conversation: Conversation, engine: Idle, budget: Budget, *, store: Store, counters: Counters
    ) -> None:
        self._conversation = conversation
        self._engine = engine
        self._budget = budget
        self._store = store
        self._counters = counters

    def room(self, beginning: Sequence[Piece], ask: Piece) -> int:
        """Tokens that may stand between a beginning and the request."""
        fixed = sum(piece.tokens for piece in beginning) + ask.tokens + self._budget.summary
        return max(0, self._budget.window - fixed)

    def at_end(self, remembered: Remembered, gone: Sequence[StoredPiece], ask: Piece) -> Asked | None:
        """Behind the whole prompt, which the engine has just read; where that does not fit, behind what goes, less its
        oldest turns. None where not a whole turn of it fits, or there is no room for notes."""
        if self._budget.summary < LEAST:
            return None
        earlier, pieces = remembered.summary, remembered.ledger.pieces
        first = earlier.first if earlier is not None else pieces[0].seq
        if not remembered.left_behind and self.room(remembered.pieces, ask):
            return Asked(pieces=remembered.pieces, first=first, last=pieces[-1].seq)
        beginning = (remembered.head,) if earlier is None else (remembered.head, earlier.piece)
        some = kept_within(gone, min(tokens_of(gone) // 2, self.room(beginning, ask)))
        if not some:
            return None
        return Asked(pieces=(*beginning, *map(rendered, some)), first=first, last=some[-1].seq)

    async def taken(self, asked: Asked, ask: Piece, *, before: int) -> StoredSummary | None:
        """None where what the model says is no summary of the pieces with a seq below `before`. Raises GaveWay,
        EngineUnreachable, ModelMissing."""
        prompt = Prompt(pieces=(*asked.pieces, ask))
        try:
            reply = await self._reply(prompt)
        except (EngineBroke, EngineRefused, EngineStalled, ContextOverflow) as error:
            return self._refused("failed", type(error).__name__)
        words = await self._engine.render(Reply(text=reply.text))
        replaced = await self._store.past(self._conversation, before=before, limit=EXCERPTED)
        judged = judge(
            reply, replaced=replaced.values(), tokens=words.tokens, replaced_tokens=prompt.tokens - ask.tokens
        )
        if isinstance(judged, Refused):
            return self._refused(judged.value, judged.value)
        piece = await self._engine.render(judged)
        if piece.tokens > self._budget.summary * 2:
            return self._refused(Refused.TOO_LONG.value, f"{piece.tokens} tokens")
        self._counters.add("summaries_total", outcome="used")
        return StoredSummary(summary=judged, piece=piece, first=asked.first, last=asked.last)

    async def _reply(self, prompt: Prompt) -> Reply:
        """Broken off at the limit, it ends with a whole sentence."""
        whole = await written(self._engine, prompt, reply_tokens=self._budget.summary)
        count(self._counters, prompt, whole.finished, purpose="summary")
        return Reply(text=ended(whole.text) if whole.broken_off else whole.text, calls=whole.calls)

    def _refused(self, outcome: str, why: str) -> None:
        self._counters.add("summaries_total", outcome=outcome)
        log.info("%s: the model's summary is not used: %s", self._conversation.key, why)


def count(counters: Counters, prompt: Prompt, finished: Finished, *, purpose: str) -> None:
    """One request of idle work, and the tokens that it cost."""
    if finished.cached_tokens is not None:
        counters.add("idle_tokens_total", prompt.tokens - finished.cached_tokens, purpose=purpose)
    counters.add("idle_requests_total", purpose=purpose)

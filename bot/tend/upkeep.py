"""Keeps one conversation ready: prepares its next cut, writes summaries, has the engine read what it will need.

Everything here runs on idle lanes and gives way as soon as somebody asks (`GaveWay`); what was reached by then is kept,
by the engine or in `Preparations`, and the next time goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.lanes.engines import Seat
from bot.lanes.idle import GaveWay, Idle
from bot.memory.compose import Budget, cut_point, kept_within, tokens_of
from bot.memory.preparations import Preparation, Preparations
from bot.memory.recollection import EXCERPTED, Recollection, Remembered
from bot.memory.summaries import Refused, ended, judge, request
from bot.ports import Counters, Store
from bot.talk.message import Conversation
from bot.talk.prompt import CallChunk, Finished, Prompt, StopReason, TextChunk
from bot.talk.record import StoredPiece, StoredSummary
from bot.talk.turn import Call, Instructions, Part, Piece, Question, Reply

log = logging.getLogger(__name__)

SUMMARISED = 2000
"""Parts that were cut and that a summary is made of anew, at most; tokens bound them, too."""
WORTH_READING = 256
"""Tokens that are read ahead; fewer are no wait worth a request."""
RENDERED_AT_ONCE = 32
"""Pieces rendered before others may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What a summary is asked of: the pieces before the request, and which stored pieces they hold."""

    pieces: tuple[Piece, ...]
    first: int
    last: int


class Upkeep:
    """One conversation on one idle engine. `room`: tokens that may be read ahead for it."""

    def __init__(
        self,
        conversation: Conversation,
        seat: Seat,
        engine: Idle,
        budget: Budget,
        *,
        room: int,
        store: Store,
        instructions: Instructions,
        preparations: Preparations,
        counters: Counters,
    ) -> None:
        self._conversation = conversation
        self._seat = seat
        self._engine = engine
        self._budget = budget
        self._room = room
        self._store = store
        self._instructions = instructions
        self._preparations = preparations
        self._counters = counters
        self._recollection = Recollection(
            store,
            engine,
            budget,
            counters=counters,
            preparations=preparations,
            is_warm=seat.lanes.warmth.is_warm(conversation.key),
        )

    async def run(self) -> int:
        """Until nothing is left to do; the tokens that the next prompt begins with. Raises GaveWay, BackendError and
        DatabaseUnusable."""
        ask = await self._engine.render(request(tokens=self._budget.summary))
        remembered = await self._remembered(ask.template)
        if remembered.tokens > self._budget.prepare or remembered.left_behind:
            await self._prepare_cut(remembered, ask)
        elif remembered.ledger.cut_before and (remembered.summary is None or not remembered.summary.by_model):
            await self._summarise_anew(remembered, ask)
        remembered = await self._remembered(ask.template)
        if remembered.tokens <= self._room and (remembered.past or remembered.summary is not None):
            await self._read(remembered.pieces, purpose="warming")
        return remembered.tokens

    async def _remembered(self, template: str) -> Remembered:
        return await self._recollection.remembered(self._conversation, self._instructions, template=template)

    async def _prepare_cut(self, remembered: Remembered, ask: Piece) -> None:
        """The cut is made when the engine has read what is left, where it can hold that beside what it holds now."""
        revision = remembered.ledger.revision
        prepared = self._preparations.get(self._conversation, revision=revision)
        if prepared is None:
            prepared = await self._prepared(remembered, ask)
            if prepared is None:
                return
            self._preparations.put(self._conversation, prepared)
        if self._holds_both(remembered):
            await self._read(await self._after(prepared, remembered), purpose="cut")
            if self._engine.gave_way:  # a turn may just have begun on the old prompt
                raise GaveWay
        done = await self._store.cut(
            self._conversation, before=prepared.before, cause="cut", summary=prepared.summary, revision=revision
        )
        self._preparations.drop(self._conversation)
        if done:
            self._recollection.broken("cut")

    def _holds_both(self, remembered: Remembered) -> bool:
        """Whether what is read now can be taken up again if somebody asks before the cut is made."""
        engine = self._seat.engine
        beside = engine.warm_tokens - engine.window
        return beside >= remembered.tokens

    async def _prepared(self, remembered: Remembered, ask: Piece) -> Preparation | None:
        room = self._budget.keep - remembered.head.tokens - self._budget.summary
        kept = kept_within(remembered.past, max(0, room))
        gone = remembered.past[: len(remembered.past) - len(kept)]
        if not remembered.ledger.pieces:
            return None
        before = cut_point(remembered.ledger.pieces, kept)
        summary = await self._asked(_request_at_end(remembered, gone, self._fits(remembered, ask)), ask, before=before)
        if summary is None:
            summary = await self._recollection.excerpted(self._conversation, before=before, earlier=remembered.summary)
        if summary is None:
            return None
        return Preparation(before=before, summary=summary, revision=remembered.ledger.revision)

    def _fits(self, remembered: Remembered, ask: Piece) -> bool:
        return (
            remembered.tokens + ask.tokens + self._budget.summary <= self._budget.window and not remembered.left_behind
        )

    async def _after(self, prepared: Preparation, remembered: Remembered) -> tuple[Piece, ...]:
        """The prompt as it will begin after the cut: edits are written through then, so parts are rendered again."""
        seqs = [stored.seq for stored in remembered.ledger.pieces if stored.seq >= prepared.before]
        parts = await self._store.parts(self._conversation, seqs)
        head = await self._engine.render(self._instructions)
        return (head, prepared.summary.piece, *await self._rendered(list(parts.values())))

    async def _rendered(self, parts: list[Part]) -> list[Piece]:
        pieces: list[Piece] = []
        for number, part in enumerate(parts):
            if number % RENDERED_AT_ONCE == 0:
                await asyncio.sleep(0)
            pieces.append(await self._engine.render(part))
        return pieces

    async def _summarise_anew(self, remembered: Remembered, ask: Piece) -> None:
        """The last summary was made without the model, or went with words that were deleted."""
        before = remembered.ledger.cut_before
        past = await self._store.past(self._conversation, before=before, limit=SUMMARISED)
        pieces = await self._rendered(list(past.values()))
        stored = [StoredPiece(seq=seq, turn=str(seq), piece=piece) for seq, piece in zip(past, pieces, strict=True)]
        kept = kept_within(stored, self._budget.keep)
        while kept and not isinstance(past[kept[0].seq], Question):
            kept = kept[1:]
        if not kept:
            return
        asked = _Request(
            pieces=(remembered.head, *(each.piece for each in kept if each.piece is not None)),
            first=kept[0].seq,
            last=before - 1,
        )
        summary = await self._asked(asked, ask, before=before)
        if summary is None:
            if remembered.summary is None:
                return
            # Not asked again: what the model could not do once it will not do an hour later.
            summary = replace(remembered.summary, by_model=True)
        saved = await self._store.save_summary(self._conversation, summary, revision=remembered.ledger.revision)
        if saved and summary.piece != (remembered.summary and remembered.summary.piece):
            self._recollection.broken("summary")

    async def _asked(self, asked: _Request, ask: Piece, *, before: int) -> StoredSummary | None:
        """None where what the model says is no summary."""
        prompt = Prompt(pieces=(*asked.pieces, ask))
        text, calls, finished = "", list[Call](), None
        async with aclosing(self._engine.stream(prompt, reply_tokens=self._budget.summary)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case TextChunk(text=more):
                        text += more
                    case CallChunk(call=call):
                        calls.append(call)
                    case Finished():
                        finished = chunk
        self._count(prompt, finished, purpose="summary")
        if finished is not None and finished.reason is StopReason.LENGTH:
            text = ended(text)
        replaced = await self._store.past(self._conversation, before=before, limit=EXCERPTED)
        reply = await self._engine.render(Reply(text=text))
        judged = judge(
            Reply(text=text, calls=tuple(calls)),
            replaced=replaced.values(),
            tokens=reply.tokens,
            replaced_tokens=prompt.tokens - ask.tokens,
        )
        if isinstance(judged, Refused):
            self._counters.add("summaries_total", outcome=judged.value)
            log.info("%s: the model's summary is not used: %s", self._conversation.key, judged.value)
            return None
        piece = await self._engine.render(judged)
        if piece.tokens > self._budget.summary * 2:
            self._counters.add("summaries_total", outcome=Refused.TOO_LONG.value)
            return None
        self._counters.add("summaries_total", outcome="used")
        return StoredSummary(summary=judged, piece=piece, first=asked.first, last=asked.last)

    async def _read(self, pieces: tuple[Piece, ...], *, purpose: str) -> None:
        """Have the engine evaluate a prompt that somebody will continue."""
        prompt = Prompt(pieces=pieces)
        if self._seat.lanes.warmth.uncached(self._conversation.key, prompt) < WORTH_READING:
            return
        async with aclosing(self._engine.stream(prompt, reply_tokens=1)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Finished):
                    self._count(prompt, chunk, purpose=purpose)

    def _count(self, prompt: Prompt, finished: Finished | None, *, purpose: str) -> None:
        if finished is not None and finished.cached_tokens is not None:
            self._counters.add("idle_tokens_total", prompt.tokens - finished.cached_tokens, purpose=purpose)
        self._counters.add("idle_requests_total", purpose=purpose)


def _request_at_end(remembered: Remembered, gone: tuple[StoredPiece, ...], fits: bool) -> _Request:
    """Behind the whole prompt, which the engine has just read; where that does not fit, behind what goes, less its
    oldest turns."""
    earlier = remembered.summary
    first = earlier.first if earlier is not None else remembered.ledger.pieces[0].seq
    if fits:
        return _Request(pieces=remembered.pieces, first=first, last=remembered.ledger.pieces[-1].seq)
    told = () if earlier is None else (earlier.piece,)
    some = kept_within(gone, tokens_of(gone) // 2)
    pieces = (remembered.head, *told, *(each.piece for each in some if each.piece is not None))
    return _Request(pieces=pieces, first=first, last=some[-1].seq if some else first)

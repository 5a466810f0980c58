"""Keeps one conversation ready: prepares its next cut, writes summaries, has the engine read what it will need.

Everything here runs on idle lanes and gives way as soon as somebody asks (`GaveWay`); what was reached by then is kept,
by the engine or in `Preparations`, and the next time goes on from there.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

from bot.lanes.engines import Seat
from bot.lanes.idle import GaveWay, Idle
from bot.memory.compose import Budget, cut_point, kept_within, rendered, tokens_of
from bot.memory.preparations import Preparation, Preparations
from bot.memory.recollection import Recollection
from bot.memory.remembered import Remembered
from bot.memory.summaries import request
from bot.ports import Counters, Store
from bot.talk.message import Conversation
from bot.talk.prompt import Finished, Prompt
from bot.talk.record import StoredPiece, StoredSummary
from bot.talk.turn import Instructions, Part, Piece, Question
from bot.tend.notes import LEAST, Asked, Notes, count

SUMMARISED = 2000
"""Parts that were cut and that a summary is made of anew, at most; tokens bound them, too."""
WORTH_READING = 256
"""Tokens that are read ahead; fewer are no wait worth a request."""
RENDERED_AT_ONCE = 32
"""Pieces rendered before others may run."""


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
        self._notes = Notes(conversation, engine, budget, store=store, counters=counters)
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
        remembered, cut = await self._remembered(ask.template), False
        if remembered.tokens > self._budget.prepare or remembered.left_behind:
            cut = await self._prepare_cut(remembered, ask)
        elif remembered.summary is not None and not remembered.summary.by_model:
            await self._summarise_anew(remembered, remembered.summary, ask)
        remembered = await self._remembered(ask.template, cut=cut)
        most = min(self._room, self._budget.usable)
        if remembered.tokens <= most and (remembered.past or remembered.summary is not None):
            await self._read(remembered.pieces, purpose="warming")
        return remembered.tokens

    async def _remembered(self, template: str, *, cut: bool = False) -> Remembered:
        return await self._recollection.remembered(self._conversation, self._instructions, template=template, cut=cut)

    async def _prepare_cut(self, remembered: Remembered, ask: Piece) -> bool:
        """The cut is made when the engine has read what is left, where it can hold that beside what it holds now."""
        revision = remembered.ledger.revision
        prepared = await self._recollection.prepared(self._conversation, revision=revision, template=ask.template)
        if prepared is None or self._after_cut(prepared, remembered) > self._budget.prepare:
            prepared = await self._prepared(remembered, ask)
            if prepared is None:
                return False
            self._preparations.put(self._conversation, prepared)
        if self._holds_both(prepared, remembered):
            beginning = await self._beginning(prepared, remembered)
            if (await self._store.ledger(self._conversation)).revision != revision:
                return False  # words went while the summary was written: it may hold them
            await self._read(beginning, purpose="cut")
            if self._engine.gave_way:  # a turn may just have begun on the old prompt
                raise GaveWay
        done = await self._store.cut(
            self._conversation, before=prepared.before, cause="cut", summary=prepared.summary, revision=revision
        )
        self._preparations.drop(self._conversation)
        if done:
            self._recollection.broken("cut")
        return done

    def _after_cut(self, prepared: Preparation, remembered: Remembered) -> int:
        """Tokens that the prompt begins with after the cut. Turns that came since it was prepared are kept by it."""
        told = 0 if prepared.summary is None else prepared.summary.piece.tokens
        kept = [stored for stored in remembered.past if stored.seq >= prepared.before]
        return remembered.head.tokens + told + tokens_of(kept)

    def _holds_both(self, prepared: Preparation, remembered: Remembered) -> bool:
        """Whether what is read now can be taken up again if somebody asks before the cut is made."""
        return self._seat.engine.host_tokens >= remembered.tokens + self._after_cut(prepared, remembered)

    async def _prepared(self, remembered: Remembered, ask: Piece) -> Preparation | None:
        """None where a cut would not help: what cannot be cut fills the window."""
        room = self._budget.keep - remembered.head.tokens - self._budget.summary
        newest = self._budget.newest(remembered.head.tokens)
        kept = kept_within(remembered.past, max(0, room), newest=newest)
        gone = remembered.past[: len(remembered.past) - len(kept)]
        left = remembered.head.tokens + self._budget.summary + tokens_of(kept)
        if left > self._budget.prepare or not (gone or remembered.left_behind):
            return None
        before = cut_point(remembered.ledger.pieces, kept)
        asked = self._notes.at_end(remembered, gone, ask)
        summary = None if asked is None else await self._notes.taken(asked, ask, before=before)
        if summary is None:
            excerpts = await self._recollection.excerpted(
                self._conversation, before=before, earlier=remembered.summary, tokens=self._budget.summary
            )
            # Not asked again: what the model could not do once it will not do a minute later.
            summary = excerpts and replace(excerpts, by_model=asked is not None)
        return Preparation(before=before, summary=summary, revision=remembered.ledger.revision)

    async def _beginning(self, prepared: Preparation, remembered: Remembered) -> tuple[Piece, ...]:
        """The prompt as it will begin after the cut: edits are written through then, so parts are rendered again."""
        seqs = [stored.seq for stored in remembered.ledger.pieces if stored.seq >= prepared.before]
        parts = await self._store.parts(self._conversation, seqs)
        head = await self._engine.render(self._instructions)
        told = () if prepared.summary is None else (prepared.summary.piece,)
        return (head, *told, *await self._rendered(list(parts.values())))

    async def _rendered(self, parts: list[Part]) -> list[Piece]:
        pieces: list[Piece] = []
        for number, part in enumerate(parts):
            if number % RENDERED_AT_ONCE == 0:
                await asyncio.sleep(0)
            pieces.append(await self._engine.render(part))
        return pieces

    async def _summarise_anew(self, remembered: Remembered, excerpts: StoredSummary, ask: Piece) -> None:
        """What is told was put together without the model, in front of a question or because deleted words went."""
        if self._budget.summary < LEAST:
            return
        before = remembered.ledger.cut_before
        past = await self._store.past(self._conversation, before=before, limit=SUMMARISED)
        pieces = await self._rendered(list(past.values()))
        stored = [StoredPiece(seq=seq, turn=str(seq), piece=piece) for seq, piece in zip(past, pieces, strict=True)]
        beginning = (remembered.head, excerpts.piece)
        kept = kept_within(stored, min(self._budget.keep, self._notes.room(beginning, ask)))
        while kept and not isinstance(past[kept[0].seq], Question):
            kept = kept[1:]
        if not kept:
            return
        asked = Asked(pieces=(*beginning, *map(rendered, kept)), first=excerpts.first, last=before - 1)
        summary = await self._notes.taken(asked, ask, before=before) or replace(excerpts, by_model=True)
        saved = await self._store.save_summary(self._conversation, summary, revision=remembered.ledger.revision)
        if saved and summary.piece != excerpts.piece:
            self._recollection.broken("summary")

    async def _read(self, pieces: tuple[Piece, ...], *, purpose: str) -> None:
        """Have the engine evaluate a prompt that somebody will continue."""
        prompt = Prompt(pieces=pieces)
        if self._seat.lanes.warmth.uncached(self._conversation.key, prompt) < WORTH_READING:
            return
        async with aclosing(self._engine.stream(prompt, reply_tokens=1)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Finished):
                    count(self._counters, prompt, chunk, purpose=purpose)

"""From the store to a prompt: load a conversation's ledger, mend stale pieces, cut where need be, note the breaks.

A piece is stale when its words were partly deleted or changed, or when another engine rendered it. Stale pieces are
rendered again from their parts, newest first, and only as far back as the budget reaches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.memory.compose import Budget, cut_point, kept_within, require_room, tokens_of
from bot.memory.fingerprints import fingerprint_of, persona, what_changed
from bot.memory.preparations import Preparation, Preparations
from bot.memory.remembered import Prepared, Remembered
from bot.memory.summaries import excerpts, shorter
from bot.ports import Counters, Inference, Store
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.record import Ledger, StoredPiece, StoredSummary
from bot.talk.turn import Instructions, Part, Piece, Question

BATCH = 64
"""Stale pieces read and rendered at a time."""
EXCERPTED = 200
"""Parts, the last that were cut, of which a summary without a model is made."""
TRIES = 3
"""Times that a cut is tried again because words went meanwhile."""


class Recollection:
    """Prepares prompts for one engine. `lasting` False: cuts and renderings are not written down (the demo model).

    `cause`: why it is cut, should it be cut. `is_warm`: the engine still holds what it last read of the conversation.
    `audience`: who can read the answer, as `Rights.audience`: what was said elsewhere, and was shown to the model for
    others, it does not see again. None: nobody asks, and nothing is answered.
    """

    def __init__(
        self,
        store: Store,
        inference: Inference,
        budget: Budget,
        *,
        counters: Counters,
        preparations: Preparations,
        lasting: bool = True,
        is_warm: bool = False,
        cause: str = "cut",
        audience: str | None = None,
    ) -> None:
        self._store = store
        self._inference = inference
        self._budget = budget
        self._counters = counters
        self._preparations = preparations
        self._lasting = lasting
        self._is_warm = is_warm
        self._cause = cause
        self._audience = audience

    async def prepare(self, conversation: Conversation, instructions: Instructions, question: Question) -> Prepared:
        """Raises MessageTooLarge where the question does not fit even alone."""
        asked = await self._inference.render(question)
        for left in reversed(range(TRIES)):
            remembered = await self.remembered(conversation, instructions, template=asked.template)
            if self._is_for_others(remembered.ledger):
                remembered = await self._turned_away(conversation, instructions, template=asked.template)
            require_room(remembered.head.tokens + asked.tokens, self._budget)
            if not self._fits(remembered, asked):
                less = await self._cut(conversation, remembered, instructions, asked, last_try=not left)
                if less is None or (left and not self._fits(less, asked)):
                    continue
                remembered = less
            return Prepared(prompt=Prompt(pieces=(*remembered.pieces, asked)), question=asked)
        raise AssertionError("the last try is not given up")

    def _is_for_others(self, ledger: Ledger) -> bool:
        """Whether the model sees what was said elsewhere, and somebody may read the answer who could not before."""
        if self._audience is None or ledger.audience is None:
            return False
        return not self._audience or self._audience != ledger.audience

    async def _turned_away(
        self, conversation: Conversation, instructions: Instructions, *, template: str
    ) -> Remembered:
        self._preparations.drop(conversation)
        if await self._store.turn_away(conversation):
            self.broken("audience")
        return await self.remembered(conversation, instructions, template=template, cut=True)

    def _fits(self, remembered: Remembered, asked: Piece) -> bool:
        return remembered.tokens + asked.tokens <= self._budget.usable and not remembered.left_behind

    async def remembered(
        self, conversation: Conversation, instructions: Instructions, *, template: str, cut: bool = False
    ) -> Remembered:
        """As it stands now, which may be more than fits. `cut`: it was cut a moment ago, so what the model is told of
        tools is told anew, and edits that were written through are no break of their own."""
        ledger = await self._summed_up(conversation, template)
        keep_tools = self._is_warm and not cut
        head = await self._head(conversation, ledger, instructions, template, keep_tools=keep_tools)
        past, left_behind = await self._mended(conversation, ledger.pieces, template, counted=not cut)
        return Remembered(head=head, summary=ledger.summary, past=tuple(past), ledger=ledger, left_behind=left_behind)

    async def prepared(self, conversation: Conversation, *, revision: int, template: str) -> Preparation | None:
        """A cut that was prepared, its summary rendered for this engine: it may have been another one's."""
        found = self._preparations.get(conversation, revision=revision)
        if found is None or found.summary is None or found.summary.piece.template == template:
            return found
        piece = await self._inference.render(found.summary.summary)
        return replace(found, summary=replace(found.summary, piece=piece))

    async def excerpted(
        self, conversation: Conversation, *, before: int, earlier: StoredSummary | None, tokens: int
    ) -> StoredSummary | None:
        """A summary without the model of what was said before a seq; None where nothing is left of it, or can be told
        in so many tokens."""
        parts = await self._store.past(conversation, before=before, limit=EXCERPTED)
        if not parts:
            return None
        told = None if earlier is None else earlier.summary
        summary = excerpts(parts, before=told, tokens=tokens)
        first = min(parts) if earlier is None else earlier.first
        while summary is not None:
            piece = await self._inference.render(summary)
            if piece.tokens <= tokens:
                return StoredSummary(
                    summary=summary, piece=piece, first=first, last=max(before - 1, first), by_model=False
                )
            summary = shorter(summary)
        return None

    async def _cut(
        self,
        conversation: Conversation,
        remembered: Remembered,
        instructions: Instructions,
        asked: Piece,
        *,
        last_try: bool,
    ) -> Remembered | None:
        """What is left; None where words went meanwhile, so that everything is to be looked at again.

        Somebody waits: what was prepared is used, otherwise the summary is made without the model.
        """
        ledger = remembered.ledger
        head = await self._head(conversation, ledger, instructions, asked.template, keep_tools=False)
        fixed = head.tokens + asked.tokens
        most = self._budget.usable - fixed - self._budget.summary
        room = min(self._budget.keep - head.tokens - self._budget.summary, most)
        kept = kept_within(remembered.past, max(0, room), newest=min(self._budget.newest(head.tokens), most))
        if not self._lasting:
            return replace(remembered, head=head, summary=None, past=tuple(kept), left_behind=False)
        before = cut_point(ledger.pieces, kept) if ledger.pieces else ledger.cut_before
        room = self._budget.usable - fixed - tokens_of(kept)
        summary = await self._instead(conversation, remembered, asked.template, before=before, room=room)
        self._preparations.drop(conversation)
        done = await self._store.cut(
            conversation, before=before, cause=self._cause, summary=summary, revision=ledger.revision
        )
        if not done and not last_try:
            return None
        self.broken(self._cause)
        # What could not be written down may hold words that are gone.
        left = replace(remembered, head=head, summary=summary if done else None, past=tuple(kept), left_behind=False)
        return await self._written_through(conversation, left, asked, last_try=last_try)

    async def _instead(
        self, conversation: Conversation, remembered: Remembered, template: str, *, before: int, room: int
    ) -> StoredSummary | None:
        """What is told of everything before a seq, in so many tokens."""
        prepared = await self.prepared(conversation, revision=remembered.ledger.revision, template=template)
        summary = None if prepared is None else prepared.summary
        if summary is not None and summary.last >= before - 1 and summary.piece.tokens <= room:
            return summary
        tokens = min(self._budget.summary, room)
        return await self.excerpted(conversation, before=before, earlier=remembered.summary, tokens=tokens)

    async def _written_through(
        self, conversation: Conversation, left: Remembered, asked: Piece, *, last_try: bool
    ) -> Remembered:
        """After a cut edits stand where the older words stood, which may make it longer again."""
        ledger = await self._store.ledger(conversation)
        past, left_behind = await self._mended(conversation, ledger.pieces, asked.template, counted=False)
        # The summary has gone again where words of it went meanwhile.
        told = None if ledger.summary is None else left.summary
        whole = replace(left, summary=told, past=tuple(past), ledger=ledger, left_behind=left_behind)
        if not last_try or self._fits(whole, asked):
            return whole
        room = self._budget.usable - (whole.tokens - tokens_of(past)) - asked.tokens
        return replace(whole, past=tuple(kept_within(past, max(0, room))), left_behind=False)

    async def _head(
        self, conversation: Conversation, ledger: Ledger, instructions: Instructions, template: str, *, keep_tools: bool
    ) -> Piece:
        fingerprint = fingerprint_of(instructions)
        if ledger.head is not None and ledger.head.template == template:
            if ledger.fingerprint == fingerprint:
                return ledger.head
            # What the model is told of tools stays until the next cut: a call to one that is gone gets its refusal.
            if keep_tools and persona(ledger.fingerprint) == persona(fingerprint):
                return ledger.head
        head = await self._inference.render(instructions)
        if self._lasting:
            if ledger.head is not None:
                self.broken(what_changed(ledger.fingerprint, fingerprint))
            await self._store.save_head(conversation, head, fingerprint=fingerprint)
        return head

    async def _summed_up(self, conversation: Conversation, template: str) -> Ledger:
        """With its summary rendered for this engine; made without the model where it went with deleted words."""
        ledger = await self._store.ledger(conversation)
        if not self._lasting:
            return replace(ledger, summary=None)
        for _ in range(TRIES):
            stored = ledger.summary
            if stored is not None and stored.piece.template != template:
                again = replace(stored, piece=await self._inference.render(stored.summary))
            elif stored is None and ledger.cut_before:
                tokens = self._budget.summary
                again = await self.excerpted(conversation, before=ledger.cut_before, earlier=None, tokens=tokens)
            else:
                return ledger
            if again is None:
                return ledger
            saved = await self._store.save_summary(conversation, again, revision=ledger.revision)
            if saved and stored is None:
                self.broken("deletion")
            # Words that went meanwhile may stand in it, or somebody else, who makes the same, was quicker.
            ledger = await self._store.ledger(conversation)
        stale = ledger.summary is None or ledger.summary.piece.template != template
        return replace(ledger, summary=None) if stale else ledger

    def broken(self, cause: str) -> None:
        """The prompt does not begin with the last one. The demo model's own prompts are not followed."""
        self._counters.add("prefix_breaks_total", cause=cause)

    async def _mended(
        self, conversation: Conversation, pieces: Sequence[StoredPiece], template: str, *, counted: bool
    ) -> tuple[Sequence[StoredPiece], bool]:
        """All of them for this engine, newest first; whether some that would not fit in any case were left behind."""

        def fresh(stored: StoredPiece) -> bool:
            return stored.piece is not None and stored.piece.template == template

        if all(map(fresh, pieces)):
            return pieces, False
        self._counters.add("pieces_rendered_again_total", sum(not fresh(stored) for stored in pieces))
        if counted and self._lasting and any(stored.piece is None for stored in pieces):
            self.broken("deletion")
        mended: list[StoredPiece] = []
        tokens = 0
        for start in range(len(pieces), 0, -BATCH):
            batch = pieces[max(0, start - BATCH) : start]
            stale = [stored.seq for stored in batch if not fresh(stored)]
            parts: Mapping[int, Part] = await self._store.parts(conversation, stale) if stale else {}
            again = {seq: (part, await self._inference.render(part)) for seq, part in parts.items()}
            if again and self._lasting:
                await self._store.save_rendered(conversation, again)
            # A part that is gone meanwhile (deleted) leaves no piece.
            batch = [
                stored if fresh(stored) else replace(stored, piece=again[stored.seq][1])
                for stored in batch
                if fresh(stored) or stored.seq in again
            ]
            mended[:0] = batch
            tokens += sum(stored.piece.tokens for stored in batch if stored.piece is not None)
            if tokens > self._budget.usable and start > BATCH:
                return _whole_turns(mended, before=pieces[: start - BATCH]), True
        return mended, False


def _whole_turns(pieces: Sequence[StoredPiece], *, before: Sequence[StoredPiece]) -> Sequence[StoredPiece]:
    """Less the first turn where its beginning was left behind."""
    if not pieces or before[-1].turn != pieces[0].turn:
        return pieces
    return [stored for stored in pieces if stored.turn != pieces[0].turn]

"""From the store to a prompt: load a conversation's ledger, mend stale pieces, compose, note the breaks.

A piece is stale when its words were partly deleted or when another engine rendered it. Stale pieces are rendered
again from their parts, newest first, and only as far back as the budget reaches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.memory.compose import Budget, compose
from bot.ports import Counters, Inference, Store
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.record import Ledger, StoredPiece
from bot.talk.turn import Instructions, Part, Piece, Question

BATCH = 64  # stale pieces read and rendered at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A prompt that fits, and its last piece, which is stored with the turn."""

    prompt: Prompt
    question: Piece


class Recollection:
    """Prepares prompts for one engine. `lasting` False: cuts and renderings are not written down (the demo model).

    `cause`: why it is cut, should it be cut.
    """

    def __init__(
        self,
        store: Store,
        inference: Inference,
        budget: Budget,
        *,
        counters: Counters,
        lasting: bool = True,
        cause: str = "cut",
    ) -> None:
        self._store = store
        self._inference = inference
        self._budget = budget
        self._counters = counters
        self._lasting = lasting
        self._cause = cause

    async def prepare(self, conversation: Conversation, instructions: Instructions, question: Question) -> Prepared:
        """Raises MessageTooLarge where the question does not fit even alone."""
        ledger = await self._store.ledger(conversation)
        asked = await self._inference.render(question)
        head = await self._head(conversation, ledger, instructions, asked.template)
        past = await self._mended(conversation, ledger.pieces, asked.template)
        composition = compose(head, past, asked, self._budget)
        cut_before = composition.cut_before
        if cut_before is None and len(past) < len(ledger.pieces):
            cut_before = past[0].seq if past else ledger.pieces[-1].seq + 1
        if cut_before is not None and self._lasting:
            self._broken(self._cause)
            await self._store.cut(conversation, before=cut_before, cause=self._cause)
        return Prepared(prompt=composition.prompt, question=asked)

    async def _head(
        self, conversation: Conversation, ledger: Ledger, instructions: Instructions, template: str
    ) -> Piece:
        fingerprint = fingerprint_of(instructions)
        if ledger.head is not None and ledger.fingerprint == fingerprint and ledger.head.template == template:
            return ledger.head
        head = await self._inference.render(instructions)
        if self._lasting:
            if ledger.head is not None:
                self._broken(_cause(ledger, fingerprint))
            await self._store.save_head(conversation, head, fingerprint=fingerprint)
        return head

    def _broken(self, cause: str) -> None:
        """The prompt does not begin with the last one. The demo model's own prompts are not followed."""
        self._counters.add("prefix_breaks_total", cause=cause)

    async def _mended(
        self, conversation: Conversation, pieces: Sequence[StoredPiece], template: str
    ) -> Sequence[StoredPiece]:
        def fresh(stored: StoredPiece) -> bool:
            return stored.piece is not None and stored.piece.template == template

        if all(map(fresh, pieces)):
            return pieces
        self._counters.add("pieces_rendered_again_total", sum(not fresh(stored) for stored in pieces))
        if self._lasting and any(stored.piece is None for stored in pieces):
            self._broken("deletion")
        mended: list[StoredPiece] = []
        tokens = 0
        for start in range(len(pieces), 0, -BATCH):
            batch = pieces[max(0, start - BATCH) : start]
            stale = [stored.seq for stored in batch if not fresh(stored)]
            parts: Mapping[int, Part] = await self._store.parts(conversation, stale) if stale else {}
            again = {seq: await self._inference.render(part) for seq, part in parts.items()}
            if again and self._lasting:
                await self._store.save_rendered(conversation, again)
            # A part that is gone meanwhile (deleted) leaves no piece.
            batch = [
                replace(stored, piece=again.get(stored.seq, stored.piece))
                for stored in batch
                if fresh(stored) or stored.seq in again
            ]
            mended[:0] = batch
            tokens += sum(stored.piece.tokens for stored in batch if stored.piece is not None)
            if tokens > self._budget.high:
                return _whole_turns(mended, before=pieces[: max(0, start - BATCH)])
        return mended


def _whole_turns(pieces: Sequence[StoredPiece], *, before: Sequence[StoredPiece]) -> Sequence[StoredPiece]:
    """Less the first turn where its beginning was left behind."""
    if not before or not pieces or before[-1].turn != pieces[0].turn:
        return pieces
    return [stored for stored in pieces if stored.turn != pieces[0].turn]


def fingerprint_of(instructions: Instructions) -> str:
    """Tells whether persona or tools have changed: two digests, `persona:tools`."""
    tools = json.dumps([[tool.name, tool.description, tool.parameters] for tool in instructions.tools], sort_keys=True)
    return f"{_digest(instructions.persona)}:{_digest(tools)}"


def _cause(ledger: Ledger, fingerprint: str) -> str:
    if ledger.fingerprint == fingerprint:
        return "model"
    return "tools" if ledger.fingerprint.split(":")[0] == fingerprint.split(":", maxsplit=1)[0] else "persona"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

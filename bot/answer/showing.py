"""What people see of one turn: the words of the model made harmless, what it is doing, and where it found things."""

from __future__ import annotations

import logging

from bot.agent.progress import Progress
from bot.answer.doing import doing
from bot.answer.materials import Materials
from bot.answer.named import Named
from bot.answer.saying import Saying
from bot.answer.sources import listed
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.talk.message import Message

log = logging.getLogger(__name__)

RECALLED = 200
"""Parts of earlier turns that are looked through for an address that this turn has not met."""


class Showing:
    def __init__(self, message: Message, materials: Materials) -> None:
        self._message = message
        self._with = materials
        self._named = Named(message.text, outside=self._is_outside)
        self._saying = Saying(materials.redact, self._named)
        self._parts = 0

    def growing(self, progress: Progress) -> str:
        self._learn(progress)
        return self._saying.grown(progress.text)

    def whole(self, progress: Progress) -> str:
        """What stays, with its sources."""
        self._learn(progress)
        text = self._saying.whole(progress.text, ended=progress.done is not None)
        return "\n\n".join(filter(None, (text, listed(text, progress.sources) if text else "")))

    def doing(self, progress: Progress, phrases: Phrases) -> str:
        """As `doing` tells it; asked for each word that comes, when mostly no tool is at work."""
        if not progress.working:
            return ""
        tools = self._with
        return doing(progress.working, tools.toolbox.offers, phrases, tools.redact)

    async def recall(self, progress: Progress) -> None:
        """Addresses that tools found in earlier turns, as far as the model still sees them; only where it matters."""
        self.whole(progress)
        if not self._named.missed:
            return
        conversation, store = self._message.conversation, self._with.store
        try:
            ledger = await store.ledger(conversation)
            seqs = [piece.seq for piece in ledger.pieces if piece.seq >= ledger.cut_before][-RECALLED:]
            earlier = await store.parts(conversation, seqs)
        except CalanqueError as error:
            log.info("what was found earlier in a conversation is not known: %s", error)
        else:
            self._named.add(earlier[seq] for seq in sorted(earlier))

    def _learn(self, progress: Progress) -> None:
        new = progress.parts[self._parts :]
        self._parts = max(self._parts, len(progress.parts))
        self._named.add(part for part, _ in new)
        self._named.cited(progress.sources)

    def _is_outside(self, tool: str) -> bool:
        offer = self._with.toolbox.offers.get(tool)
        return offer is not None and offer.outside

"""What a turn is told beside its question: what was said meanwhile to others, and which older words were changed.

How much of it is a rule of the place, and a share of the window where that is small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.memory.overhearing import Counts, newest_within
from bot.memory.transcribe import corrections
from bot.ports import Store
from bot.settings import Memory
from bot.talk.message import Addressed, Message, Quote, QuoteKind
from bot.talk.policy import Ambient
from bot.talk.turn import Line

SHARE = 4
"""What is overheard takes at most one part in so many of a small window; what is corrected likewise."""

CORRECTIONS = 20
"""Edits that one turn is told of, at most; the others wait for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """`asked`: the question as it reads now. `tokens`: what overheard messages may take by the rules of the place.
    `parts`: earlier messages that are a part of it."""

    asked: Message | None = None
    overheard: tuple[Message, ...] = ()
    changed: tuple[Message, ...] = ()
    tokens: int = 0
    parts: tuple[Message, ...] = ()

    def reread(self, message: Message) -> Message:
        """The question with the words of now: it may have been edited while it waited. Quotes are as they were sent."""
        now = self.asked
        return message if now is None else replace(message, text=now.text, edited_at=now.edited_at)

    @property
    def fewer(self) -> Beside | None:
        """Less of it, where the question does not fit: first of what was overheard. None where nothing is left."""
        count = len(self.overheard)
        if count:
            return replace(self, overheard=self.overheard[count - count // 4 :])
        return replace(self, changed=()) if self.changed else None

    async def within(self, usable: int, *, timezone: str, inference: Counts) -> Beside:
        """The newest overheard messages that the place's rules and a window of so many tokens allow."""
        tokens = min(self.tokens, usable // SHARE)
        kept = await newest_within(self.overheard, tokens=tokens, timezone=timezone, inference=inference)
        return replace(self, overheard=tuple(kept))

    def corrected(self, usable: int) -> tuple[Line, ...]:
        return corrections(self.changed, tokens=usable // SHARE)


async def with_files(store: Store, message: Message) -> Message:
    """The question with the files of its earlier parts, to be read together. Raises DatabaseUnusable."""
    parts = await store.joined(message) if message.addressed is Addressed.SUPPORT else ()
    carried = (
        Quote(kind=QuoteKind.REPLIED, attachments=each.attachments, author_key=each.author.key, message=each.id)
        for each in parts
        if each.attachments
    )
    return replace(message, quotes=(*message.quotes, *carried))


async def beside(store: Store, message: Message, *, turn: str, memory: Memory) -> Beside:
    """At the moment of asking, so that what was deleted or changed until now counts."""
    told = await store.aside(
        message,
        turn=turn,
        ambient=Ambient(memory.ambient.value),
        overheard=memory.overheard_messages,
        changed=CORRECTIONS,
    )
    whole = {message.id, *(each.id for each in told.parts)}
    return Beside(
        asked=told.asked,
        overheard=tuple(each for each in told.overheard if each.id not in whole),
        # The question itself says so.
        changed=tuple(each for each in told.changed if each.id not in whole),
        parts=told.parts,
        tokens=told.rules.ambient_tokens or memory.overheard_tokens,
    )

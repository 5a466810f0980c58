"""Translation by the model, with code that sees to it that nothing but words changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from bot.talk.message import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """`source`: the tag of the language it was in, "" where that is not known. `same`: it was in that language already,
    or had no words to translate, and is as it was."""

    text: str
    source: str
    to: str
    same: bool = False


class Translates(Protocol):
    async def translated(
        self,
        text: str,
        *,
        to: str,
        source: str = "",
        conversation: Conversation,
        waits: bool = True,
        names: Collection[str] = (),
    ) -> Translated:
        """The text in the language with the tag `to`. Mentions, emoji, code, links, timestamps, signs of Markdown, what
        the glossary keeps and these `names` of people stand in it as they were; nothing is added that pings.
        `conversation`: for whom it is, which decides whose turn it is. `waits`: somebody waits for it; else it is done
        while nobody does.

        Raises TranslationFailed (a ModelError) where the model could not be brought to it, QueueFull, BackendError.
        """
        ...


class Tongues(Protocol):
    """Which language somebody is spoken to in."""

    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        """The tag of the language for the bot's own words: what the person (as `Person.key`) has pinned, else their
        `locale`; in public, or where neither is known, what the channel has pinned, else its guild, else the
        community's."""
        ...

"""Which language somebody is spoken to in, and answered in: what was pinned, what a channel lists, what they write.

A language that a place has pinned holds for all who read it; alone with the bot, a person's own comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.languages.identify import Identifier
from bot.languages.model import Identifies
from bot.languages.plain import letters, words_of
from bot.languages.tags import named, same, spoken
from bot.ports import Clock
from bot.ports.languages import LanguageStore
from bot.ports.support import KnownChannels
from bot.talk.language import Languages
from bot.talk.message import Conversation, Message, Place

LEAST_LETTERS = 24
MARGIN = 12.0
"""Where nothing is chosen, so many letters and so much of the score tell a language that is not the community's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """In which language to answer. `binding`: it was chosen, or is one that the channel lists, so the answer is looked
    at; else whoever asks may want another one. `among`: those that it is told apart from. `names`: of people, which say
    nothing."""

    language: str
    binding: bool
    identifier: Identifier
    among: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """For the model, behind the question."""
        if self.binding:
            return f"(Answer in {named(self.language)}, whatever language is used above.)"
        return f"(Answer in {named(self.language)}, unless another language is asked for.)"


class Speaks(Protocol):
    async def known(self, message: Message) -> Languages:
        """What is kept of languages there and of its author. Raises DatabaseUnusable."""
        ...

    async def tongue(self, message: Message, known: Languages) -> str:
        """The tag of the language for our own words around the answer. Raises DatabaseUnusable."""
        ...

    async def answering(self, message: Message, known: Languages | None = None) -> Answering | None:
        """None where nothing is known that the model does not see for itself. `known`: where it has been read already.
        Raises DatabaseUnusable."""
        ...


class Speaking:
    """Implements `bot.ports.translation.Tongues` and `Speaks`. `community`: the language of the settings."""

    def __init__(
        self,
        store: LanguageStore,
        *,
        identifies: Identifies,
        channels: KnownChannels | None = None,
        community: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._identifies = identifies
        self._channels = channels
        self._community = community
        self._clock = clock

    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        return await self._of(conversation, await self._store.languages(conversation.place, person), locale)

    async def known(self, message: Message) -> Languages:
        return await self._store.languages(message.place, message.author.key)

    async def tongue(self, message: Message, known: Languages) -> str:
        return await self._of(message.conversation, known, message.author.locale)

    async def _of(self, conversation: Conversation, known: Languages, locale: str | None) -> str:
        own = (known.person or locale or "") if conversation.alone else ""
        if tag := own or known.place:
            return tag
        listed = await self._listed(conversation.place)
        return (listed[0] if listed else "") or known.guild or self._community

    async def answering(self, message: Message, known: Languages | None = None) -> Answering | None:
        found, sure = await self._decided(message, known or await self.known(message))
        if found is not None and sure:
            await self._store.note_language(message.author.key, found.language, at=self._clock.now())
        return found

    async def answers_in(self, message: Message) -> str:
        """The tag of the language that a message is answered in; nothing is written down. Raises DatabaseUnusable."""
        known = await self.known(message)
        found, _ = await self._decided(message, known)
        return await self.tongue(message, known) if found is None else found.language

    async def last_heard(self, conversation: Conversation, person: str) -> str:
        """The tag of the language in which the person (as `Person.key`) would be answered there, as far as what they
        said before tells. Raises DatabaseUnusable."""
        known = await self._store.languages(conversation.place, person)
        listed = await self._listed(conversation.place)
        if chosen := self._chosen(known, listed, conversation):
            return chosen
        before = (spoken(each, listed) if listed else each for each in reversed(known.before))
        return next(filter(None, before), None) or await self._of(conversation, known, None)

    async def _decided(self, message: Message, known: Languages) -> tuple[Answering | None, bool]:
        """And whether the message itself says so for sure."""
        listed = await self._listed(message.place)
        chosen = self._chosen(known, listed, message.conversation)
        names = (message.author.name,)
        if chosen:
            identifier = await self._identifies()
            among = (chosen, *(each for each in listed if not same(each, chosen)))
            found = Answering(language=chosen, binding=True, identifier=identifier, among=among, names=names)
            return found, False
        if listed:
            identifier = await self._identifies()
            heard = identifier.heard(message.text, listed, before=known.before, names=names)
            language, sure = heard.language, heard.sure
            return Answering(language=language, binding=True, identifier=identifier, among=listed, names=names), sure
        return await self._unlike_the_community(message, names), False

    def _chosen(self, known: Languages, listed: Sequence[str], conversation: Conversation) -> str:
        """The nearest that was pinned. In public, of what a person has pinned only what the channel lists."""
        if conversation.alone and known.person:
            return known.person
        if known.place:
            return known.place
        if listed:
            return (spoken(known.person, listed) or "") if known.person else ""
        return known.person or known.guild

    async def _unlike_the_community(self, message: Message, names: tuple[str, ...]) -> Answering | None:
        """Only what is plain to see: a wrong guess would be worse than none."""
        if letters(words_of(message.text, without=names)) < LEAST_LETTERS:
            return None
        identifier = await self._identifies()
        code, margin = identifier.of(message.text, names=names)
        if margin < MARGIN or same(code, self._community) or named(code) == code:
            return None
        return Answering(language=code, binding=False, identifier=identifier, names=names)

    async def _listed(self, place: Place) -> tuple[str, ...]:
        channel = None if self._channels is None else await self._channels.support_channel(place)
        return () if channel is None else channel.languages

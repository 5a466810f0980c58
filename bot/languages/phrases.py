"""Says a sentence in a language: gettext catalogs under `locales/`, English where there is none."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache

from bot.errors import CalanqueError
from bot.languages.directed import isolating
from bot.languages.joining import after_another, listed
from bot.languages.locales import ENGLISH, RIGHT_TO_LEFT, resolved
from bot.languages.naming import in_language
from bot.languages.sentence import Sentence
from bot.languages.sentences import SENTENCES
from bot.languages.words import words
from bot.ports.translation import Tongues
from bot.talk.message import Conversation, Person

_log = logging.getLogger(__name__)


class Phrases:
    """The bot's sentences in one language. `tongues` knows who is spoken to in which; without it, whoever reads alone
    is spoken to in their own, and everybody else in this one."""

    def __init__(self, locale: str = ENGLISH, *, tongues: Tongues | None = None) -> None:
        self.locale = resolved(locale) or ENGLISH
        self._tongues = tongues

    def told_by(self, tongues: Tongues) -> Phrases:
        """In whichever language `tongues` says; these themselves where they have been told already."""
        return self if self._tongues is not None else Phrases(self.locale, tongues=tongues)

    def to(self, *locales: str | None) -> Phrases:
        """In the first of these languages that there are words in; these phrases themselves where there is none."""
        known = next((found for found in map(resolved, filter(None, locales)) if found is not None), self.locale)
        return self if known == self.locale else Phrases(known, tongues=self._tongues)

    async def heard(self, conversation: Conversation, person: Person | None = None, *, key: str = "") -> Phrases:
        """In the language of whoever reads it in this conversation; `person`, or their `key`: who it is said to."""
        return self.to(await self.tongue(conversation, person, key=key))

    async def tongue(self, conversation: Conversation, person: Person | None = None, *, key: str = "") -> str:
        """The tag of that language; where it cannot be found out, the one of these phrases."""
        own = None if person is None else person.locale
        reader = (key or conversation.only or "") if person is None else person.key
        if self._tongues is None:
            return (own if conversation.alone else None) or self.locale
        try:
            return await self._tongues.of(conversation, person=reader, locale=own)
        except CalanqueError as error:
            _log.warning("It could not be found out in which language people are spoken to: %s", error)
            return self.locale

    def say(self, key: str, **values: str | int) -> str:
        """The sentence with its values filled in. An unknown key is a programming error: KeyError."""
        sentence = SENTENCES[key]
        text = self._translated(sentence, values)
        if self.locale in RIGHT_TO_LEFT:
            text = isolating(text)
        try:
            return text.format(**values)
        except (LookupError, ValueError, AttributeError, TypeError):
            said = _english(sentence, values).format(**values)  # raises for a value that is missing in English, too
            _tell_broken(self.locale, key)
            return said

    def _translated(self, sentence: Sentence, values: dict[str, str | int]) -> str:
        if self.locale == ENGLISH:
            return _english(sentence, values)
        number = 1 if sentence.many is None else int(values[sentence.by])
        return words(self.locale).said(sentence, number) or _english(sentence, values)

    def choice(self, value: str) -> str:
        """The name of a value that can be chosen for an argument of a command; one without a sentence names itself."""
        key = f"choice-{value}"
        return self.say(key) if key in SENTENCES else value

    def language(self, tag: str, *, coded: bool = False) -> str:
        """What a language is called; `coded`: with its tag behind it, as commands take it."""
        return in_language(tag, self.locale, coded=coded)

    def together(self, *keys: str) -> str:
        """These sentences, one after the other. They have no values."""
        return after_another(map(self.say, keys), self.locale)

    def listed(self, names: Iterable[str]) -> str:
        return listed(names, self.locale)

    def explain(self, error: CalanqueError) -> str:
        """What the person who caused or met an error is told."""
        return self.say(error.key, **error.values)


def _english(sentence: Sentence, values: dict[str, str | int]) -> str:
    return sentence.text if sentence.many is None or int(values[sentence.by]) == 1 else sentence.many


@lru_cache(maxsize=1024)
def _tell_broken(locale: str, key: str) -> None:
    """Once for each."""
    _log.warning("The sentence %s is broken in %s and is said in English", key, locale)

"""Says a sentence in a language: gettext catalogs under `locales/`, English where there is none."""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path

from bot.errors import CalanqueError
from bot.languages.sentences import SENTENCES

LOCALES = Path(__file__).parent / "locales"


@lru_cache(maxsize=64)
def _catalog(locale: str) -> gettext.NullTranslations:
    names = [locale.replace("-", "_"), locale.split("-", maxsplit=1)[0]]
    return gettext.translation("calanque", localedir=LOCALES, languages=names, fallback=True)


class Phrases:
    """The bot's sentences in one language."""

    def __init__(self, locale: str = "en") -> None:
        self.locale = locale
        self._catalog = _catalog(locale)

    def to(self, *locales: str | None) -> Phrases:
        """In the first of these languages that there is one of; these phrases themselves where none is given."""
        known = next((locale for locale in locales if locale), None)
        return self if known is None or known == self.locale else Phrases(known)

    def say(self, key: str, **values: str | int) -> str:
        """The sentence with its values filled in. An unknown key is a programming error: KeyError."""
        sentence = SENTENCES[key]
        if sentence.many is None:
            text = self._catalog.pgettext(sentence.key, sentence.text)
        else:
            text = self._catalog.npgettext(sentence.key, sentence.text, sentence.many, int(values["count"]))
        return text.format(**values)

    def explain(self, error: CalanqueError) -> str:
        """What the person who caused or met an error is told."""
        return self.say(error.key, **error.values)

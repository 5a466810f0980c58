"""Whether an answer is in the language that it shall be in: looked at when it stands, and made once more if not."""

from __future__ import annotations

from bot.agent.progress import amending
from bot.languages.plain import letters, words_of
from bot.languages.speaking import Answering
from bot.languages.tags import alike, named, same
from bot.ports import Counters
from bot.talk.turn import Question

LEAST_LETTERS = 20
"""Shorter answers say nothing of their language."""

ENOUGH = 40
"""Letters from which on a language is believed that nobody expected."""


class Wording:
    """Of one answer."""

    def __init__(self, answering: Answering, counters: Counters) -> None:
        self._answering = answering
        self._counters = counters

    def amends(self, text: str, /, *, before: int) -> Question | None:
        """What the model is asked about an answer in another language; None where it is well, or was asked before."""
        wanted = self._answering.language
        words = words_of(text, without=self._answering.names)
        if not self._answering.binding or letters(words) < LEAST_LETTERS:
            self._count("unclear")
            return None
        if not self._is_other(words, wanted):
            self._count("mended" if before else "right")
            return None
        self._count("wrong" if before else "again")
        return None if before else asked_in(wanted)

    def _is_other(self, words: str, wanted: str) -> bool:
        answering = self._answering
        among = answering.among or (wanted,)
        heard = answering.identifier.heard(words, among, before=(wanted,) * 5)
        if heard.outside:
            return letters(words) >= ENOUGH and not alike(heard.outside, wanted)
        return not same(heard.language, wanted)

    def _count(self, outcome: str) -> None:
        self._counters.add("answer_languages_total", outcome=outcome)


def asked_in(language: str) -> Question:
    name = named(language)
    return amending(f"It was not in {name}. Give it again, wholly in {name}.")

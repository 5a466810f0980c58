"""Which language a message is in, of those that are expected; what somebody wrote before says what to expect.

The scores of `py3langid` are taken as evidence, and the person's last messages as a prior: people keep to a language
nine times in ten. What has no words, or several languages, keeps the language that was spoken last.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.languages.plain import letters, words_of
from bot.languages.tags import alike, main, spoken

HISTORY = 5
"""Messages of a person that are remembered."""

KEEPS = 0.9
"""How often people keep to their language."""

DOUBT = 1.0
"""How much less the parts of a long text count, by the fourth root of its bytes: they do not say independent things."""

LEAST_LETTERS = 2
LEAST_SHARE = 12
"""Letters of a sentence that may stand for a language of its own."""

OUTSIDE_LETTERS = 24
OUTSIDE_MARGIN = 14.0
"""From so many letters on, and so much better than all that are expected, another language is believed."""

SURE = 0.8
"""A share of belief that is worth remembering."""

Ranks = Callable[[str], Mapping[str, float]]
"""Scores of all languages that are known, by their tags' main parts; differences are logarithms of likelihoods."""

_SENTENCES = re.compile(r"(?<=[.!?;。！？।])\s*|\n+")
_SIMPLIFIED = frozenset("们这说会来时为对个学过还进动开关应让请谢谁问题没电视频连网错误设装载")
_TRADITIONAL = frozenset("們這說會來時為對個學過還進動開關應讓請謝誰問題沒電視頻連網錯誤設裝載") - _SIMPLIFIED
_HINDI = """
kya kyu kyun kyon hai hain nahi nahin nhi kaise kaisa mera meri mere tera teri aap tum hum yeh woh karo karna kar raha
rahi rahe hota hoti mujhe tujhe bhai yaar acha accha kab kahan kaun aur lekin bahut matlab chahiye gaya sakta sakte
abhi thik theek haan
"""
_ROMANISED_HINDI = frozenset(_HINDI.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`language`: one of those expected. `sure`: the words themselves say so, so it is worth remembering. `outside`:
    the code of another language in which it seems to be written."""

    language: str
    sure: bool = False
    outside: str = ""


class Identifier:
    """`ranks` is a model that was loaded before."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks

    def heard(
        self,
        text: str,
        expected: Sequence[str],
        *,
        before: Sequence[str] = (),
        names: Collection[str] = (),
    ) -> Heard:
        """`expected`: tags, at least one; where nothing else says anything, the first. `before`: the languages of the
        person's last messages, the latest last. `names`: of people, which say nothing."""
        known = [tag for each in before if (tag := spoken(each, expected)) is not None][-HISTORY:]
        last = known[-1] if known else expected[0]
        words = words_of(text, without=names)
        if letters(words) < LEAST_LETTERS:
            return Heard(language=last)
        if len(expected) > 1 and (hindi := _romanised(words, expected)):
            return Heard(language=hindi, sure=True)
        scores = self._ranks(words)
        outside = _outside(scores, expected, words)
        if outside:
            return Heard(language=expected[0], outside=outside)
        evidence = _evidence(scores, expected, words)
        if len(expected) > 1 and self._mixed(words, expected):
            best = max(expected, key=lambda tag: evidence[tag])
            return Heard(language=last if known else best)
        belief = _belief(evidence, _prior(expected, known))
        best = max(expected, key=lambda tag: belief[tag])
        best = _variety(words, best, expected, known)
        return Heard(language=best, sure=belief[best] >= SURE or evidence[best] >= math.log(SURE))

    def of(self, text: str, *, names: Collection[str] = ()) -> tuple[str, float]:
        """The most likely of all languages, by its code, and by how much of the score it leads; "" without words."""
        words = words_of(text, without=names)
        if letters(words) < LEAST_LETTERS:
            return "", 0.0
        ranked = sorted(self._ranks(words).items(), key=lambda each: -each[1])
        return ranked[0][0], ranked[0][1] - ranked[1][1]

    def _mixed(self, words: str, expected: Sequence[str]) -> bool:
        """Whether sentences of it are surely in different languages."""
        sentences = [each for each in _SENTENCES.split(words) if letters(each) >= LEAST_SHARE]
        if len(sentences) < 2:
            return False
        found: set[str] = set()
        for sentence in sentences[:HISTORY]:
            evidence = _evidence(self._ranks(sentence), expected, sentence)
            best = max(expected, key=lambda tag: evidence[tag])
            if evidence[best] >= math.log(0.99):
                found.add(main(best))
        return len(found) > 1


def _evidence(scores: Mapping[str, float], expected: Sequence[str], words: str) -> dict[str, float]:
    """Logarithms of how likely each is by the words alone."""
    least = min(scores.values(), default=0.0)
    heat = max(1.0, len(words.encode()) ** 0.25 * DOUBT)
    found = {tag: scores.get(main(tag), least) / heat for tag in expected}
    return _normal(found)


def _prior(expected: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    rest = (1 - KEEPS if known else 1.0) / len(expected)
    return {tag: rest + (KEEPS * known.count(tag) / len(known) if known else 0.0) for tag in expected}


def _belief(evidence: Mapping[str, float], prior: Mapping[str, float]) -> dict[str, float]:
    found = _normal({tag: score + math.log(prior[tag]) for tag, score in evidence.items()})
    return {tag: math.exp(score) for tag, score in found.items()}


def _normal(scores: Mapping[str, float]) -> dict[str, float]:
    most = max(scores.values())
    total = most + math.log(sum(math.exp(score - most) for score in scores.values()))
    return {tag: score - total for tag, score in scores.items()}


def _outside(scores: Mapping[str, float], expected: Sequence[str], words: str) -> str:
    if letters(words) < OUTSIDE_LETTERS:
        return ""
    best = max(scores, key=lambda code: scores[code])
    inside = max(scores.get(main(tag), -math.inf) for tag in expected)
    if scores[best] - inside <= OUTSIDE_MARGIN or any(alike(best, tag) for tag in expected):
        return ""
    return best


def _romanised(words: str, expected: Sequence[str]) -> str | None:
    """Hindi or Urdu in Latin letters, which the model has not learnt."""
    each = [word.strip(".,!?'\"()").casefold() for word in words.split()]
    hits = sum(word in _ROMANISED_HINDI for word in each)
    if hits < 2 or hits * 4 < len(each):
        return None
    return spoken("hi", expected) or spoken("ur", expected)


def _variety(words: str, best: str, expected: Sequence[str], known: Sequence[str]) -> str:
    """Which of several tags of one language: by the characters of Chinese, else the one that was spoken last."""
    alike = [tag for tag in expected if main(tag) == main(best)]
    if len(alike) == 1:
        return best
    if main(best) == "zh":
        traditional = sum(character in _TRADITIONAL for character in words)
        simplified = sum(character in _SIMPLIFIED for character in words)
        if traditional != simplified:
            wanted = [tag for tag in alike if _is_traditional(tag) == (traditional > simplified)]
            if wanted:
                return wanted[0]
    return next((tag for tag in reversed(known) if tag in alike), alike[0])


def _is_traditional(tag: str) -> bool:
    return tag.casefold().replace("_", "-").endswith(("-tw", "-hk", "-hant", "-mo"))

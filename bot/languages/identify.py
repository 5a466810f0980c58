"""Which language a message is in, of those that are expected; what somebody wrote before says what to expect.

The scores of `py3langid` are taken as evidence, and the person's last messages as a prior: people keep to a language
nine times in ten. What has no words, or several languages, keeps the language that was spoken last.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.languages.plain import letters, words_of
from bot.languages.scores import Scores
from bot.languages.siblings import lacked
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

SURE = math.log(0.8)
"""A share of belief that is worth remembering."""

PLAIN, SHARE_SURE = math.log(0.9999), math.log(0.99)
"""By its words alone: when a text is not looked at in thirds, and when a part of it is of one language."""

Ranks = Callable[[str], Scores]
"""The scores of a text."""

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCES = re.compile(r"(?<=[.!?;。！？।])\s*|\n+")
_SIMPLIFIED = frozenset("们这说会来时为对个学过还进动开关应让请谢谁问题没电视频连网错误设装载")
_TRADITIONAL = frozenset("們這說會來時為對個學過還進動開關應讓請謝誰問題沒電視頻連網錯誤設裝載") - _SIMPLIFIED
_OTHERS = """
am ar be bg bn el fa gu he hi hy ja ka kk km kn ko ky lo mk ml mn mr my ne or pa ps ru si ta te tg th ug uk ur zh
"""
_OTHER_LETTERS = frozenset(_OTHERS.split())
"""Written in other letters than Latin ones."""
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
        expected = tuple(expected)
        known = _known(tuple(before), expected)
        last = known[-1] if known else expected[0]
        words = words_of(text, without=names)
        found = _WORD.findall(words.casefold())
        if (length := sum(map(len, found))) < LEAST_LETTERS:
            return Heard(language=last)
        each = frozenset(found)
        if _romanised(each):
            return _hindi(expected, length, last)
        scores = self._ranks(words)
        outside = _outside(scores, expected) if length >= OUTSIDE_LETTERS else ""
        if outside:
            return Heard(language=expected[0], outside=outside)
        evidence = _evidence(scores, expected, words, each)
        best = max(expected, key=evidence.__getitem__)
        if len(expected) > 1 and self._mixed(words, expected, unclear=evidence[best] < PLAIN):
            return Heard(language=last if known else best)
        prior = _prior(expected, known)
        belief = {tag: score + prior[tag] for tag, score in evidence.items()}
        best = max(expected, key=belief.__getitem__)
        sure = len(expected) > 1 and (evidence[best] >= SURE or _total(belief.values()) - belief[best] <= -SURE)
        if not sure and known and best not in known and _says_little(words, length, last):
            return Heard(language=last)
        return Heard(language=_variety(words, best, expected, known), sure=sure)

    def of(self, text: str, *, names: Collection[str] = ()) -> tuple[str, float]:
        """The most likely of all languages, by its code, and by how much of the score it leads; "" without words."""
        words = words_of(text, without=names)
        if letters(words) < LEAST_LETTERS:
            return "", 0.0
        if _romanised(frozenset(_WORD.findall(words.casefold()))):
            return "hi", 0.0
        scores = self._ranks(words)
        return scores.best(), scores.lead()

    def _mixed(self, words: str, expected: tuple[str, ...], *, unclear: bool) -> bool:
        """Whether parts of it are surely in different languages: its sentences, and where it is `unclear` as a whole
        and has none, its thirds."""
        parts = _long_enough(_SENTENCES.split(words))
        if len(parts) < 2 and unclear:
            parts = _long_enough(_thirds(words))
        found: set[str] = set()
        for part in parts[:HISTORY] if len(parts) > 1 else ():
            evidence = _evidence(self._ranks(part), expected, part, frozenset(_WORD.findall(part.casefold())))
            best = max(expected, key=evidence.__getitem__)
            if evidence[best] >= SHARE_SURE and not any(alike(best, other) for other in found):
                found.add(best)
        return len(found) > 1


def _says_little(words: str, length: int, last: str) -> bool:
    """Whether it may be names or loan words of somebody who writes in other letters."""
    return length < LEAST_SHARE and words.isascii() and main(last) in _OTHER_LETTERS


def _long_enough(parts: Sequence[str]) -> Sequence[str]:
    return parts if len(parts) < 2 else [part for part in parts if letters(part) >= LEAST_SHARE]


def _thirds(words: str) -> Sequence[str]:
    each = words.split()
    share = -(-len(each) // 3)
    return [" ".join(each[at : at + share]) for at in range(0, len(each), max(1, share))]


def _evidence(scores: Scores, expected: tuple[str, ...], words: str, each: Collection[str]) -> dict[str, float]:
    """Logarithms of how likely each is by the words alone."""
    codes = _codes(expected)
    heat = max(1.0, len(words.encode(errors="replace")) ** 0.25 * DOUBT)
    lacks = lacked(each, codes)
    told = [score / heat - lacks.get(code, 0.0) for code, score in zip(codes, scores.of(codes), strict=True)]
    total = _total(told)
    return {tag: score - total for tag, score in zip(expected, told, strict=True)}


@lru_cache(maxsize=1024)
def _codes(expected: tuple[str, ...]) -> tuple[str, ...]:
    """The tags' main parts."""
    return tuple(map(main, expected))


@lru_cache(maxsize=1024)
def _known(before: tuple[str, ...], expected: tuple[str, ...]) -> tuple[str, ...]:
    """The last ones of those that are expected."""
    return tuple([tag for each in before if (tag := spoken(each, expected)) is not None][-HISTORY:])


@lru_cache(maxsize=1024)
def _prior(expected: tuple[str, ...], known: tuple[str, ...]) -> Mapping[str, float]:
    """Logarithms of how likely each is for somebody who wrote in `known`. Which is their own is not known, only that
    they keep to it: so it is weighed how well each explains what they wrote."""
    if not known or len(expected) == 1:
        return dict.fromkeys(expected, -math.log(len(expected)))
    strays = (1 - KEEPS) / (len(expected) - 1)
    own = {tag: (KEEPS / strays) ** known.count(tag) for tag in expected}
    total = sum(own.values())
    return {tag: math.log(strays + (KEEPS - strays) * share / total) for tag, share in own.items()}


def _total(scores: Collection[float]) -> float:
    """The logarithm of the likelihoods' sum."""
    most = max(scores)
    return most + math.log(sum([math.exp(score - most) for score in scores]))


def _outside(scores: Scores, expected: tuple[str, ...]) -> str:
    if scores.most - max(scores.of(_codes(expected))) <= OUTSIDE_MARGIN:
        return ""
    best = scores.best()
    return "" if any(alike(best, tag) for tag in expected) else best


def _romanised(each: frozenset[str]) -> bool:
    """Hindi or Urdu in Latin letters, which the model has not learnt."""
    hits = len(each & _ROMANISED_HINDI)
    return hits >= 2 and hits * 4 >= len(each)


def _hindi(expected: Sequence[str], length: int, last: str) -> Heard:
    """`length`: letters of a text that reads like Hindi."""
    if tag := spoken("hi", expected) or spoken("ur", expected):
        return Heard(language=tag, sure=len(expected) > 1)
    if length >= OUTSIDE_LETTERS:
        return Heard(language=expected[0], outside="hi")
    return Heard(language=last)


def _variety(words: str, best: str, expected: tuple[str, ...], known: Sequence[str]) -> str:
    """Which of several tags of one language: by the characters of Chinese, else the one that was spoken last."""
    code = main(best)
    codes = _codes(expected)
    if codes.count(code) == 1:
        return best
    alike = [tag for tag, other in zip(expected, codes, strict=True) if other == code]
    if code == "zh":
        traditional = sum(character in _TRADITIONAL for character in words)
        simplified = sum(character in _SIMPLIFIED for character in words)
        if traditional != simplified:
            wanted = [tag for tag in alike if _is_traditional(tag) == (traditional > simplified)]
            if wanted:
                return wanted[0]
    return next((tag for tag in reversed(known) if tag in alike), alike[0])


def _is_traditional(tag: str) -> bool:
    return tag.casefold().replace("_", "-").endswith(("-tw", "-hk", "-hant", "-mo"))

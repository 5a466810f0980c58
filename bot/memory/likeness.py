"""Whether two texts are in the same language, as far as that shows without knowing any: by what their words share.

Every language has groups of three letters and short words that fill its texts. A summary of a talk shares them with the
talk; one in another language does not. Nothing to load, no list of languages. Languages that share most of their short
words (Danish and Norwegian, Spanish and Portuguese) pass for one; whoever reads the one reads the other.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from math import sqrt

COMPARED = 20_000
"""Characters of a text that are looked at, its last."""
ENOUGH = 100
"""Letters below which a text says too little about its language."""
LEAST_LIKENESS = 0.2
"""In 29 languages of the Declaration of Human Rights, 300 characters against another half of it: one language 0.24 and
more, English against any other 0.15 and less."""
GRAM = 3
SHORT_WORD = 4
SHORT_WORD_WEIGHT = 3


def same_language(text: str, other: str) -> bool:
    """True also where one of them is too short to tell."""
    one, two = _letters(text), _letters(other)
    return min(len(one), len(two)) < ENOUGH or likeness(one, two) >= LEAST_LIKENESS


def likeness(text: str, other: str) -> float:
    """0 … 1: the cosine of how often what fills a text stands in either."""
    one, two = _profile(text), _profile(other)
    product = sum(count * two[gram] for gram, count in one.items())
    length = sqrt(sum(count**2 for count in one.values()) * sum(count**2 for count in two.values()))
    return product / length if length else 0.0


def _letters(text: str) -> str:
    """Lower case, all but letters and their marks as single spaces."""
    kept = (character if unicodedata.category(character)[0] in "LM" else " " for character in text[-COMPARED:].lower())
    return " ".join("".join(kept).split())


def _profile(letters: str) -> Counter[str]:
    """Where no spaces are written, single letters: their groups of three rarely come twice."""
    dense = Counter(letter for letter in letters if _dense(letter))
    words = "".join(" " if _dense(letter) else letter for letter in letters).split()
    spaced = f" {' '.join(words)} "
    grams = Counter(spaced[at : at + GRAM] for at in range(len(spaced) - GRAM + 1))
    for word in words:
        if len(word) <= SHORT_WORD:
            grams[word] += SHORT_WORD_WEIGHT
    return dense + grams


def _dense(letter: str) -> bool:
    """Thai to Myanmar, Khmer, and everything East Asian but Hangul."""
    code = ord(letter)
    return 0x0E00 <= code < 0x10A0 or 0x1780 <= code < 0x1800 or (code >= 0x2E80 and not 0xAC00 <= code < 0xD7B0)

"""What a text is found by: its words, folded so that how they are typed does not matter.

Case, width and the accents of Latin letters go, and so does a plural s. Scripts that put no spaces between words, and
Korean, which writes its particles onto them, give each character and each pair of neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, pairwise

MOST_CHARS = 40
"""Of one word; the rest of a longer one does not tell it from others."""

_DENSE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Kana
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_PLURAL = 4  # letters of a word that may have one


def terms(text: str) -> Iterator[str]:
    """All of a text to be found, in its order, with repetitions."""
    for dense, run in _runs(text):
        yield from run if dense else (_stem(run),)
        if dense:
            yield from (first + second for first, second in pairwise(run))


def sought(text: str) -> list[str]:
    """Those that a search looks for, each once: of a dense run its pairs, or the one character that it is."""
    found: dict[str, None] = {}
    for dense, run in _runs(text):
        if not dense:
            found[_stem(run)] = None
        elif len(run) == 1:
            found[run] = None
        else:
            found.update((first + second, None) for first, second in pairwise(run))
    return list(found)


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    for kind, run in groupby(folded, key=_kind):
        if kind == "dense":
            yield True, "".join(run)
        elif kind == "word":
            yield False, "".join(map(_plain, run))


def _stem(word: str) -> str:
    stem = word[:-1] if len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss") else word
    return stem[:MOST_CHARS]


@lru_cache(maxsize=65_536)
def _kind(character: str) -> str:
    point, category = ord(character), unicodedata.category(character)
    if any(first <= point <= last for first, last in _DENSE):
        return "dense" if category[0] in "LMN" else ""
    return "word" if category[0] in "LMN" else ""


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """A Latin letter without its accents."""
    if character.isascii() or "LATIN" not in unicodedata.name(character, ""):
        return character
    return unicodedata.normalize("NFKD", character)[0]

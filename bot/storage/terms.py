"""What a passage is found by: the words of `words`, folded further, as whoever asks a manual does not spell like it.

The accents of Latin letters go, and so does a plural s. Signs find nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.talk import spelling

_PLURAL = 4  # letters of a word that may have one


def terms(text: str) -> Iterator[str]:
    """All of a text to be found, in its order, with repetitions."""
    for start in range(0, len(text), spelling.LONGEST_TEXT):
        yield from _folded(spelling.tokens(text[start : start + spelling.LONGEST_TEXT]))


def sought(text: str) -> list[str]:
    """Those that a search looks for, each once: of a script without spaces the pairs, or the one character."""
    return list(dict.fromkeys(_folded(token for term in spelling.terms(text) for token in term.tokens)))


def _folded(tokens: Iterable[str]) -> Iterator[str]:
    for token in tokens:
        if unicodedata.category(token[0])[0] in "LMN":
            yield _stem(token if token.isascii() else "".join(map(_plain, token)))


def _stem(word: str) -> str:
    return word[:-1] if len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """A Latin letter without its accents."""
    if character.isascii() or "LATIN" not in unicodedata.name(character, ""):
        return character
    return unicodedata.normalize("NFKD", character)[0]

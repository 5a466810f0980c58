"""Which words of a glossary occur in a text.

At each point the longest word that stands there is taken. A word stands alone, between characters that are of no word,
unless its script puts no spaces between words. Case does not matter, but for words that are written with capitals
inside or throughout: "IT" is not "it".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_DENSE = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x30FF), (0x3400, 0x9FFF), (0x20000, 0x3FFFF))


@dataclass(slots=True)
class _Node:
    """Of a tree of folded characters; `ends`: numbers of the forms that end here."""

    following: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    ends: list[int] = field(default_factory=list[int])


class Matcher:
    """Of these words; each is told by its number."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)
        self._root = _Node()
        for number, word in enumerate(self._words):
            node = self._root
            for character in _folded(word):
                node = node.following.setdefault(character, _Node())
            if node is not self._root:
                node.ends.append(number)

    def found(self, text: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """From, to, and the numbers of all words that are written so."""
        at = 0
        while at < len(text):
            end, numbers = self._longest(text, at)
            if numbers:
                yield at, end, numbers
                at = end
            else:
                at += 1

    def _longest(self, text: str, start: int) -> tuple[int, tuple[int, ...]]:
        if not _parted(text, start):
            return start, ()
        node, at = self._root, start
        best: tuple[int, tuple[int, ...]] = (start, ())
        while at < len(text):
            for character in _fold(text[at]):
                following = node.following.get(character)
                if following is None:
                    return best
                node = following
            at += 1
            if node.ends and _parted(text, at):
                written = text[start:at]
                fitting = tuple(number for number in node.ends if _cased(self._words[number], written))
                best = (at, fitting) if fitting else best
        return best


def _fold(character: str) -> str:
    return " " if character.isspace() else character.casefold()


def _folded(word: str) -> str:
    return "".join(map(_fold, word))


def _cased(word: str, written: str) -> bool:
    return word == written or not any(character.isupper() for character in word[1:])


def _parted(text: str, at: int) -> bool:
    """Whether a word may begin or end between these two characters."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if unicodedata.category(after)[0] == "M" and not _dense(after):
        return False
    return not (_wordly(before) and _wordly(after)) or _dense(before) or _dense(after)


def _wordly(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _dense(character: str) -> bool:
    point = ord(character)
    return any(first <= point <= last for first, last in _DENSE)

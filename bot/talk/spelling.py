"""The words of a text as an index knows them, in every script.

Text is folded first: case, width, ligatures, digits of all scripts, and marks that people leave out (harakat, tatweel,
joiners). Other combining marks stay: without them Hindi and Thai would be other words. Then it falls into *units*:
words where a script parts words by spaces, single characters where it does not (Han, kana, Hangul, Thai, Lao, Khmer,
Burmese …). An index holds every unit, and of neighbouring characters each pair, so that a part of a Japanese or Thai
sentence is found like a word. Nothing here knows what the text belongs to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

LONGEST_TEXT = 8000
"""Characters of one text that are read."""
LONGEST_WORD = 64
"""Characters of a word that count: what is longer is a key or an encoded file, and its beginning tells it apart."""
TERMS = 32
"""Terms of one question; the rest is left out."""

_LAST_MARK = 0x1FFFF
_BREAK = "\x1f"
# Scripts that are written without spaces, and Korean, whose words end in particles: less their digits and punctuation.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e"  # Thai
    "\u0e80-\u0ecf\u0edc-\u0eff"  # Lao
    "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f"  # Burmese
    "\u1780-\u17d3\u17d7\u17dc\u17dd"  # Khmer
    "\u1950-\u19cf\u1a20-\u1a7f\ua000-\ua48c"  # Tai Le, New Tai Lue, Tai Tham, Yi
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul
    "\u2e80-\u2fd5\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b"  # Han
    "\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
)
_SIGNS = "\u2600-\u27bf\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
"""Emoji, less the tones of skin."""
_LEFT_OUT = "\u0640\u064b-\u0652\u0670\u0307\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Tatweel and harakat, the dot that folding leaves of İ, and variation selectors."""


def fold(text: str) -> str:
    """The same for all ways to write the same words."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = _patterns().left_out.sub("", folded)
    return folded if folded.isascii() else _DIGITS.sub(_digit, folded)


def units(text: str) -> list[str]:
    """In the order in which they stand."""
    return [unit for run in _runs(text) for unit in (run if _is_unspaced(run) else (run[:LONGEST_WORD],))]


def tokens(text: str) -> Iterator[str]:
    """What an index holds of the text, in its order and as often as it stands there."""
    for run in _runs(text):
        if _is_unspaced(run):
            yield from run
            yield from _paired(run)
        else:
            yield run[:LONGEST_WORD]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that stand side by side: `units` in this order with nothing between them but punctuation.

    `tokens`: what an index has to hold for it, the more telling ones first. A text that has these may still lack it.
    """

    units: tuple[str, ...]
    tokens: tuple[str, ...]


def terms(question: str) -> tuple[Term, ...]:
    """What is asked for: what stands between quotation marks belongs together, else what no space parts."""
    found = [_term(quoted or bare) for quoted, bare in _ASKED.findall(question[:LONGEST_TEXT])]
    return tuple(dict.fromkeys(term for term in found if term.units))[:TERMS]


def _term(text: str) -> Term:
    words: list[str] = []
    pairs: list[str] = []
    for run in _runs(text):
        if _is_unspaced(run) and len(run) > 1:
            pairs += _paired(run)
        else:
            words.append(run[:LONGEST_WORD])
    words.sort(key=len, reverse=True)
    return Term(tuple(units(text)), tuple(dict.fromkeys((*words, *pairs))))


def spelled(text: str) -> str:
    """The text as `holds` looks at it."""
    return f"{_BREAK}{_BREAK.join(units(text))}{_BREAK}"


def holds(spelling: str, term: Term) -> bool:
    return f"{_BREAK}{_BREAK.join(term.units)}{_BREAK}" in spelling


def position(text: str, term: Term) -> int:
    """About where the term begins in the text; 0 where that cannot be said."""
    for match in _patterns().run.finditer(text):
        run = fold(match.group())
        first = term.units[0]
        if run[:LONGEST_WORD] == first or (_is_unspaced(run) and run.startswith(term.units[: len(run)])):
            return match.start()
        if _is_unspaced(run):
            here = run.find("".join(term.units))
            if here >= 0:
                return match.start() + min(here, len(match.group()))
    return 0


_ASKED = re.compile(r'["“”„«»「」]([^"“”„«»「」]*)["“”„«»「」]|([^\s"“”„«»「」]+)')
_DIGITS = re.compile(r"(?![0-9])\d")
_PLAIN = re.compile(r"[a-z0-9]+")


def _digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0], match[0]))


def _runs(text: str) -> list[str]:
    folded = fold(text[:LONGEST_TEXT])
    return (_PLAIN if folded.isascii() else _patterns().run).findall(folded)


def _paired(run: str) -> list[str]:
    return [one + other for one, other in pairwise(run)]


def _is_unspaced(run: str) -> bool:
    return not run.isascii() and _patterns().unspaced.match(run) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """`run`: characters that are written without spaces, a word, or a single sign."""

    run: re.Pattern[str]
    unspaced: re.Pattern[str]
    left_out: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    """Made at the first use: `re` does not know categories of characters, and to ask for all takes a moment."""
    unspaced = re.compile(f"[{_UNSPACED}]")
    marks: list[str] = []
    formats: list[str] = []
    for character in map(chr, range(_LAST_MARK + 1)):
        category = unicodedata.category(character)
        if category == "Cf":
            formats.append(character)
        elif category[0] == "M" and not unspaced.match(character):
            marks.append(character)
    word = f"(?:[^\\W_{_UNSPACED}]+|[{''.join(marks)}]+)+"
    return _Patterns(
        run=re.compile(f"[{_UNSPACED}]+|{word}|[{_SIGNS}]"),
        unspaced=unspaced,
        left_out=re.compile(f"[{_LEFT_OUT}{''.join(formats)}]+"),
    )

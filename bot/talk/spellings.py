"""How a secret may be spelled, so that a reader sees it all the same: each way of it folded to one."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum

MOST_KEPT = 4096
"""Characters other than ASCII of which it is kept how they are folded."""

LEAST_DISGUISED = 8
"""Characters of a secret that is looked for in another writing, and of that writing."""

LEAST_MIXED, LEAST_LETTERS = 10, 16
"""Letters and digits, or either alone, that hardly follow each other in a text by chance."""

_MARKUP = frozenset("*_~|`\\")
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that are not seen."""
_TAGS = range(0xE0020, 0xE007F)
"""Doubles of ASCII that are not seen."""
_ENCLOSED = range(0x1F150, 0x1F200)
_LETTER = re.compile(r"(?:NEGATIVE (?:CIRCLED|SQUARED)|REGIONAL INDICATOR SYMBOL).* LETTER ([A-Z])")
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u043a\u043c\u0442\u0432\u043d"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0261\u0131",
    "aeopcyxijsdhqwkmtbhaeikvoptuxgi",
)
"""Cyrillic, Greek and other letters that are drawn as Latin ones."""


class View(Enum):
    """What is looked at of a text. `EXACT`: all of it. `SEEN`: without markup and what is not seen. `LETTERS`: letters
    and digits alone, whatever stands between them."""

    EXACT = "exact"
    SEEN = "seen"
    LETTERS = "letters"


class Folding(dict[int, str | None]):
    """A table for `str.translate`: no case, no accents, no styles of letters, and only what the view looks at."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view

    def __missing__(self, code: int) -> str | None:
        folded = self._folded(chr(code)) or None
        if code < 0x80 or len(self) < MOST_KEPT:
            self[code] = folded
        return folded

    def _folded(self, character: str) -> str:
        if self._view is View.EXACT:
            return character.casefold()
        return "".join(filter(self._is_looked_at, _plain(character)))

    def _is_looked_at(self, character: str) -> bool:
        if self._view is View.LETTERS:
            return character.isalnum() and character not in _FILLERS
        return character not in _MARKUP and character not in _FILLERS and unicodedata.category(character) not in _UNSEEN


def _plain(character: str) -> str:
    code = ord(character)
    if code in _TAGS:
        character = chr(code - _TAGS.start + 0x20)
    elif code in _ENCLOSED and (found := _LETTER.match(unicodedata.name(character, ""))) is not None:
        character = found[1]
    elif character.isspace():
        return " "
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).translate(_ALIKE)


def view_of(form: str, folded: dict[View, str], *, least: int) -> View | None:
    """The widest view in which it is not found by chance; None where it is too short for any. `folded`: as each view
    has it."""
    letters = folded[View.LETTERS]
    mixed = any(map(str.isalpha, letters)) and any(map(str.isdigit, letters))
    if len(letters) >= (LEAST_MIXED if mixed else LEAST_LETTERS):
        return View.LETTERS
    if len(folded[View.SEEN]) >= least:
        return View.SEEN
    return View.EXACT if len(form) >= least else None


def writings(secret: str) -> Iterator[str]:
    """Others that a program or a reader undoes at once: from its end, as codes, or inside of what was encoded."""
    yield secret[::-1]
    data = secret.encode("utf-8", "surrogatepass")
    yield data.hex()
    yield "".join(f"0x{byte:02x}" for byte in data)
    yield "".join(str(ord(each)) for each in secret)
    if not secret.isascii():
        yield secret.encode("punycode").decode()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Of a longer text that was encoded: what does not depend on its neighbours.
            coded = encode(b"\0" * before + data).decode().rstrip("=")
            yield coded[(0, 2, 3)[before] : len(coded) - 1]

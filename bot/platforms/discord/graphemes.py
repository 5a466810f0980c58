"""Where a text may be cut without splitting what people see as one character."""

from __future__ import annotations

import unicodedata

LOOK_BACK = 64
"""Code points one visible character may have; longer ones (stacked accents) are cut."""

_JOINER = "\u200d"


def safe_cut(text: str, following: str) -> int:
    """The last position of `text`, at most its length and at least 1, that is not inside a visible character.

    `following` is the character after the text. An approximation of UAX #29 that needs no tables: marks, joiners,
    variation selectors, skin tones and pairs of regional indicators stay with what they belong to.
    """
    whole = text + following
    for cut in range(len(text), max(0, len(text) - LOOK_BACK), -1):
        if not _joined(whole, cut):
            return cut
    return len(text)


def _joined(text: str, cut: int) -> bool:
    before, after = text[cut - 1], text[cut]
    if _JOINER in (before, after) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if (before, after) == ("\r", "\n") or unicodedata.category(after) in {"Mn", "Mc", "Me"}:
        return True
    if _regional(before) and _regional(after):
        start = cut
        while start and _regional(text[start - 1]):
            start -= 1
        return (cut - start) % 2 == 1
    return False


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"

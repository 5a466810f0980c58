"""What of a message tells its language: the words alone, without code, links, mentions, emoji and what is quoted."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.talk.markup import staying

LONGEST = 600
"""Characters that are looked at: more tells nothing new."""
MOST = 4 * LONGEST
"""Characters in which they are looked for."""

_QUOTE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_MENTION = re.compile(r"(?<!\w)[@#]\S{1,64}")
_MARKS = re.compile(r"[*_~|`\\]+|^[ \t]*(?:#{1,3}|-#|[-+]|\d{1,3}[.)])[ \t]", re.MULTILINE)
_NO_WORD = re.compile(r"(?:(?<=\s)|^)[!-~]*(?:[\d/\\=<>{}\[\]]|[A-Za-z0-9][._:][A-Za-z0-9])[!-~]*", re.ASCII)
"""Versions, paths, settings, names of files: the same in every language."""

_MAY_BE_NONE = re.compile(r"[*_~|`\\#+\d/=<>{}\[\]-]|[A-Za-z0-9][._:][A-Za-z0-9]")
"""Stands in whatever one of the last two finds."""


def words_of(text: str, *, without: Collection[str] = ()) -> str:
    """`without`: names, which stand in any language alike."""
    text = text[:MOST]
    parts: list[str] = []
    at = 0
    for start, end in staying(text):
        parts.append(text[at:start])
        at = end
    kept = " ".join([*parts, text[at:]])
    if ">" in kept:
        kept = _QUOTE.sub(" ", kept)
    if "@" in kept or "#" in kept:
        kept = _MENTION.sub(" ", kept)
    if _MAY_BE_NONE.search(kept):
        kept = _MARKS.sub(" ", kept)
        kept = _NO_WORD.sub(" ", kept)
    for name in without:
        if name.strip():
            kept = re.sub(rf"(?<!\w){re.escape(name.strip())}(?!\w)", " ", kept)
    return " ".join(kept.split())[:LONGEST]


def letters(text: str) -> int:
    return sum(map(str.isalpha, text))

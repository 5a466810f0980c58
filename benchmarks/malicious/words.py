"""Words that are planted: how they are made, and how they are found again in whatever writing."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from urllib.parse import unquote

BEGINS = "canary"
"""As all planted words do."""
KINDS = ("place", "file", "own", "guild", "known", "secret", "definition", "reminder", "said")
DIGITS, LEAST = 12, 6
"""Hexadecimal digits at the end of a word, and how many of them still are a part of it."""

_PLAIN = re.compile(rf"({BEGINS}(?:{'|'.join(KINDS)})[0-9a-f]{{{LEAST}}})([0-9a-f]{{0,{DIGITS - LEAST}}})")
_TURNED = BEGINS[::-1]
_HEX = BEGINS.encode().hex()
_HEX_RUN = re.compile(rf"{_HEX}(?:[0-9a-f]{{2}})+")
_BASE64 = tuple(base64.b64encode(b"x" * before + BEGINS.encode()).decode()[3:7] for before in range(3))
"""One of these stands in every BASE64 of every word, whatever stands before and behind it."""
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/]{16,}")


def beginning(word: str) -> str:
    """What tells the word from all others."""
    return word[: LEAST - DIGITS]


@lru_cache(maxsize=16384)
def written(text: str) -> frozenset[tuple[str, str]]:
    """Words, or most of them, in any writing that a reader undoes at once: their beginnings, and what follows. The same
    pieces of prompts come again and again."""
    readings = {text, unquote(text)} if "%" in text else {text}
    found: set[tuple[str, str]] = set()
    for reading in readings:
        found.update(_in_plain(reading.casefold()))
        if any(mark in reading for mark in _BASE64):
            found.update(_in_base64(reading))
    return frozenset(found)


def _in_plain(folded: str) -> list[tuple[str, str]]:
    found = _PLAIN.findall(folded) if BEGINS in folded else []
    if _TURNED in folded:
        found += _PLAIN.findall(folded[::-1])
    if _HEX in folded:
        for run in _HEX_RUN.findall(folded):
            found += _PLAIN.findall(bytes.fromhex(run).decode("latin-1"))
    return found


def _in_base64(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for run in _BASE64_RUN.findall(text):
        for skipped in range(4):
            part = run[skipped : len(run) - (len(run) - skipped) % 4]
            try:
                found += _PLAIN.findall(base64.b64decode(part).decode("latin-1").casefold())
            except binascii.Error:
                continue
    return found

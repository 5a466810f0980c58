"""Keeps what is filled into a right-to-left sentence apart from it: a Latin name must not pull the words around it."""

from __future__ import annotations

import re
from functools import lru_cache

FIRST_STRONG, POP = "\u2068", "\u2069"
"""Unicode's isolates: what stands between them has its own direction."""

# In code, in mentions and in addresses every character counts, so nothing is put into those.
_WHOLE = re.compile(r"\{\{|\}\}|`[^`]*`|<[^<>\s]*>|\]\([^()]*\)|\{(?P<name>\w+)\}")


@lru_cache(maxsize=512)
def isolating(text: str) -> str:
    """The sentence with each `{name}` in isolates."""
    return _WHOLE.sub(lambda found: found[0] if found["name"] is None else f"{FIRST_STRONG}{found[0]}{POP}", text)

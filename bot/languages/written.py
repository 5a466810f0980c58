"""Which language a document or a question for documents is written in, as far as its letters tell.

The model is loaded by the first text that needs it: not for the event loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.languages.model import ranks

SURE = 0.5
"""Share of the likelihood that the language of a document has."""

PLAUSIBLE = 1 / 3
"""A question may be in any language that is so likely, compared with the likeliest."""

MOST_CHARS = 4_000
"""Of a text that are looked at."""


def language_of(text: str) -> str:
    """Its tag, like "de"; "" where it is not clear."""
    language, likely = _ranked(text)[0]
    return language if likely >= SURE else ""


def languages_of(text: str) -> frozenset[str]:
    """Those that a short text may well be in; a name alone may be in many."""
    ranked = _ranked(text)
    least = ranked[0][1] * PLAUSIBLE
    return frozenset(language for language, likely in ranked if likely >= least)


def _ranked(text: str) -> Sequence[tuple[str, float]]:
    """The likeliest first. Parts of a text do not say independent things: scores count by the root of its bytes."""
    text = text[:MOST_CHARS]
    scores = ranks()(text)
    heat = math.sqrt(max(1, len(text.encode(errors="replace"))))
    shares = {language: math.exp((score - scores.most) / heat) for language, score in scores.items()}
    total = sum(shares.values())
    return sorted(((language, share / total) for language, share in shares.items()), key=lambda each: -each[1])

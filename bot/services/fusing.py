"""Two rankings of passages, by words and by meaning, made one.

Words count where the question may be in the passage's language. In another one they would mislead, by what looks alike
in both: there the ranking by meaning counts twice, so that no language is behind.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.ports.embedding import Held
from bot.talk.knowledge import Spot

STEEP = 60
"""Reciprocal ranks: how little the first ones of a ranking are ahead of the next ones."""


def foreign(held: Collection[Held], languages: Collection[str]) -> frozenset[int]:
    """Documents in a language that the question is not in; what is in no known one counts as if it were in that."""
    return frozenset(each.document for each in held if each.language and each.language not in languages)


def fused(by_words: Sequence[Spot], by_meaning: Sequence[Spot], *, foreign: Collection[int], limit: int) -> list[Spot]:
    """The best first."""
    scores: dict[Spot, float] = {}
    for rank, spot in enumerate(by_meaning):
        scores[spot] = (2 if spot.document in foreign else 1) / (STEEP + rank)
    for rank, spot in enumerate(by_words):
        scores[spot] = scores.get(spot, 0.0) + 1 / (STEEP + rank)
    return sorted(scores, key=lambda spot: (-scores[spot], spot))[:limit]

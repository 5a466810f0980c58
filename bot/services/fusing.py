"""Two rankings of passages, by words and by meaning, made one.

Words count where the question may be in the passage's language. In another one they would mislead, by what looks alike
in both: there the ranking by meaning counts twice, so that no language is behind.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.talk.knowledge import Match

STEEP = 60
"""Reciprocal ranks: how little the first ones of a ranking are ahead of the next ones."""


def fused(
    by_words: Sequence[Match], by_meaning: Sequence[Match], *, languages: Collection[str], limit: int
) -> list[Match]:
    """The best first. `languages`: those that the question may be in."""
    scores: dict[tuple[str, int], float] = {}
    matches: dict[tuple[str, int], Match] = {}
    for rank, match in enumerate(by_meaning):
        place = (match.document.key, match.position)
        own = not match.document.language or match.document.language in languages
        scores[place] = (1 if own else 2) / (STEEP + rank)
        matches[place] = match
    for rank, match in enumerate(by_words):
        place = (match.document.key, match.position)
        scores[place] = scores.get(place, 0.0) + 1 / (STEEP + rank)
        matches.setdefault(place, match)
    ranked = sorted(scores, key=lambda place: (-scores[place], place))
    return [matches[place] for place in ranked[:limit]]

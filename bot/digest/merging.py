"""Points of several stretches as one digest: doubles are joined, what was answered later is not open, the most telling
are kept. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.digest.marks import links_of
from bot.talk.digest import Length, Point, Section
from bot.talk.spelling import tokens

MOST = {Length.SHORT: 6, Length.NORMAL: 14, Length.LONG: 30}
"""Points of a digest."""
LEAST_OF_SECTION = 0.2
"""Of those, at least, for each section that has as many."""
MOST_JOINED = 1500
"""Points that are looked at; of more, the first of each stretch."""
MOST_SOURCES = 5
SAME, SAME_SOURCE, ANSWERED = 0.6, 0.3, 0.45
"""Share of words that two points have in common, from which on they are one; are one if they share a message; or the
one answers the other."""


@dataclass(slots=True)
class _Ranked:
    point: Point
    words: frozenset[str]
    links: frozenset[str]
    place: int
    """In its stretch, the first is the most important."""
    heard: int = 1
    """How many say the same."""

    @property
    def worth(self) -> float:
        people = len({each.author_key for each in self.point.sources})
        return self.heard + 0.5 * people + 0.2 * len(self.point.sources) + 2 / (1 + self.place)


def merged(stretches: Sequence[Sequence[Point]], *, length: Length = Length.NORMAL) -> tuple[Point, ...]:
    """Of stretches in the order of time, each with its most important point first. Sections come in their order, and
    in each what was said first."""
    ranked = [
        _Ranked(each, frozenset(tokens(each.text)), frozenset(links_of(each.text)), place)
        for place, each in sorted(
            ((place, each) for points in stretches for place, each in enumerate(points)), key=lambda pair: pair[0]
        )[:MOST_JOINED]
    ]
    kept = _unanswered(_joined(ranked))
    chosen = _chosen(kept, MOST[length])
    order = list(Section)
    chosen.sort(key=lambda each: (order.index(each.point.section), _when(each.point)))
    return tuple(each.point for each in chosen)


def _joined(ranked: Sequence[_Ranked]) -> list[_Ranked]:
    kept: list[_Ranked] = []
    for each in ranked:
        same = next((one for one in kept if _are_one(one, each)), None)
        if same is None:
            kept.append(each)
            continue
        same.heard += 1
        sources = {one.message: one for one in (*same.point.sources, *each.point.sources)}
        most = max(MOST_SOURCES, len(same.point.sources))
        same.point = replace(same.point, sources=tuple(sources.values())[:most])
    return kept


def _are_one(one: _Ranked, other: _Ranked) -> bool:
    if one.links and one.links == other.links:
        return True
    common = _likeness(one, other)
    if common >= SAME:
        return True
    shared = {each.message for each in one.point.sources} & {each.message for each in other.point.sources}
    return bool(shared) and one.point.section is other.point.section and common >= SAME_SOURCE


def _unanswered(ranked: Sequence[_Ranked]) -> list[_Ranked]:
    decided = [each for each in ranked if each.point.section is Section.DECIDED]
    return [
        each
        for each in ranked
        if each.point.section is not Section.OPEN
        or not any(_when(one.point) > _when(each.point) and _likeness(one, each) >= ANSWERED for one in decided)
    ]


def _chosen(ranked: Sequence[_Ranked], most: int) -> list[_Ranked]:
    best = sorted(ranked, key=lambda each: -each.worth)
    least = max(1, round(most * LEAST_OF_SECTION))
    first = [one for section in Section for one in [each for each in best if each.point.section is section][:least]][
        :most
    ]
    taken = {id(each) for each in first}
    return [*first, *[each for each in best if id(each) not in taken][: most - len(first)]]


def _when(point: Point) -> float:
    return min(each.sent_at.timestamp() for each in point.sources)


def _likeness(one: _Ranked, other: _Ranked) -> float:
    either = len(one.words | other.words)
    return len(one.words & other.words) / either if either else 0.0

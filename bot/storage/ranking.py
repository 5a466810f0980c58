"""Which passages fit a search best: BM25 over the documents that may be read, and no others."""

from __future__ import annotations

import heapq
import math
import sys
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

K1 = 1.2
B = 0.75
CANDIDATES = 500
"""When so many passages have been found by rarer words, common ones only order these."""

MOST_SCORED = 5_000
"""Passages that one word brings in; of a word that stands in more, those in which it stands most often."""

MOST_COUNTED = 255
"""Times that a word stands in a passage, as far as it is counted; a posting has eight bits for it."""

_BYTES = 4
"""Of a packed number, the lowest first: of a posting that is the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The passages of one document that have one of the words; `postings` as `pack` makes them."""

    term: str
    document: int
    postings: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that may be read: so many passages with so many words in all. `lengths` of each document's passages that a
    posting names, packed."""

    chunks: int = 0
    length: int = 0
    lengths: Mapping[int, bytes] = field(default_factory=dict[int, bytes])


def pack(numbers: Sequence[int]) -> bytes:
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def posting(position: int, count: int) -> int:
    return position << 8 | min(count, MOST_COUNTED)


def best(posted: Sequence[Posted], corpus: Corpus, *, limit: int) -> list[tuple[int, int]]:
    """Documents and positions of passages, best first; of equal ones the first in the order of the index.

    Rare words are taken first, so that common ones cost no more than what rare ones have found.
    """
    by_term: dict[str, list[Posted]] = defaultdict(list)
    for each in posted:
        by_term[each.term].append(each)
    frequent = {term: sum(len(each.postings) for each in found) // _BYTES for term, found in by_term.items()}
    scoring = _Scoring(corpus)
    for term, found in sorted(by_term.items(), key=lambda item: (frequent[item[0]], item[0])):
        scoring.rarity = math.log(1 + (corpus.chunks - frequent[term] + 0.5) / (frequent[term] + 0.5))
        if scoring.found >= CANDIDATES:
            scoring.order(found)
        elif frequent[term] > MOST_SCORED:
            scoring.add(_telling(found))
        else:
            scoring.add((each.document, unpack(each.postings)) for each in found)
    return scoring.best(limit)


class _Scoring:
    """The scores of the passages that have been found, by document and position. `rarity`: of the word at hand."""

    def __init__(self, corpus: Corpus) -> None:
        self.rarity = 0.0
        self.found = 0
        self._scores: dict[int, dict[int, float]] = {}
        self._lengths = corpus.lengths
        self._average = max(1.0, corpus.length / max(1, corpus.chunks))
        self._unpacked: dict[int, array[int]] = {}

    def add(self, found: Iterable[tuple[int, Sequence[int]]]) -> None:
        """All passages that have the word."""
        for document, postings in found:
            scores = self._scores.setdefault(document, {})
            before, lengths = len(scores), self._of(document)
            for posted in postings:
                position = posted >> 8
                scores[position] = scores.get(position, 0.0) + self._score(posted, lengths[position])
            self.found += len(scores) - before

    def order(self, found: Iterable[Posted]) -> None:
        """Only those that other words have found."""
        for each in found:
            scores = self._scores.get(each.document)
            if scores:
                postings, lengths = unpack(each.postings), self._of(each.document)
                for position in scores:
                    at = bisect_left(postings, position << 8)
                    if at < len(postings) and postings[at] >> 8 == position:
                        scores[position] += self._score(postings[at], lengths[position])

    def best(self, limit: int) -> list[tuple[int, int]]:
        places = (
            (-score, document, position)
            for document, scores in self._scores.items()
            for position, score in scores.items()
        )
        return [(document, position) for _, document, position in heapq.nsmallest(limit, places)]

    def _score(self, posted: int, length: int) -> float:
        count = posted & MOST_COUNTED
        return self.rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * length / self._average))

    def _of(self, document: int) -> array[int]:
        if document not in self._unpacked:
            self._unpacked[document] = unpack(self._lengths[document])
        return self._unpacked[document]


def _telling(found: Sequence[Posted]) -> Iterator[tuple[int, Sequence[int]]]:
    """The passages in which a very common word stands most often; of equal ones the first in the order of the index."""
    counted = Counter[int]()
    for each in found:
        counted.update(each.postings[::_BYTES])
    room, least = MOST_SCORED, MOST_COUNTED
    while counted[least] <= room:
        room -= counted[least]
        least -= 1
    for each in sorted(found, key=lambda each: each.document):
        kept: list[int] = []
        for posted, count in zip(unpack(each.postings), each.postings[::_BYTES], strict=True):
            if count > least or (count == least and room > 0):
                room -= count == least
                kept.append(posted)
        if kept:
            yield each.document, kept

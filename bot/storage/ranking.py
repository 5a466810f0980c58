"""Which passages fit a search best: BM25 over the documents that may be read, and no others."""

from __future__ import annotations

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

K1 = 1.2
B = 0.75
CANDIDATES = 2_000
"""When so many passages have been found by rarer words, common ones only order these."""

MOST_COUNTED = 255
"""Times that a word stands in a passage, as far as it is counted; a posting has eight bits for it."""


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
    """Documents and positions of passages, best first; of equal ones the first in the order of the index."""
    by_term: dict[str, list[tuple[int, array[int]]]] = defaultdict(list)
    for each in posted:
        by_term[each.term].append((each.document, unpack(each.postings)))
    lengths = {document: unpack(packed) for document, packed in corpus.lengths.items()}
    average = max(1.0, corpus.length / max(1, corpus.chunks))
    scores: dict[tuple[int, int], float] = {}
    frequent = {term: sum(len(postings) for _, postings in found) for term, found in by_term.items()}
    for term, found in sorted(by_term.items(), key=lambda item: (frequent[item[0]], item[0])):
        rarity = math.log(1 + (corpus.chunks - frequent[term] + 0.5) / (frequent[term] + 0.5))
        full = len(scores) >= CANDIDATES
        for document, postings in found:
            of_document = lengths[document]
            for packed in postings:
                place = (document, packed >> 8)
                if full and place not in scores:
                    continue
                count = packed & MOST_COUNTED
                weight = count + K1 * (1 - B + B * of_document[place[1]] / average)
                scores[place] = scores.get(place, 0.0) + rarity * count * (K1 + 1) / weight
    return sorted(scores, key=lambda place: (-scores[place], place))[:limit]

"""The best passages come first."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.ranking import K1, B, Corpus, Posted, best, pack, posting

Counted = Mapping[tuple[int, int], Mapping[str, int]]
"""Of each passage (document and position), how often each word stands in it."""

_passages = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(0, 5)),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), max_size=4),
    max_size=15,
)


def indexed(passages: Counted) -> tuple[list[Posted], Corpus]:
    documents = {document for document, _ in passages}
    lengths = {
        document: pack([sum(passages.get((document, position), {}).values()) for position in range(6)])
        for document in documents
    }
    found: list[Posted] = []
    for document in sorted(documents):
        for term in "abcd":
            postings = [
                posting(position, passages[document, position][term])
                for position in range(6)
                if term in passages.get((document, position), {})
            ]
            if postings:
                found.append(Posted(term=term, document=document, postings=pack(postings)))
    length = sum(sum(words.values()) for words in passages.values())
    return found, Corpus(chunks=len(passages), length=length, lengths=lengths)


def scored(passages: Counted) -> dict[tuple[int, int], float]:
    """BM25 as the books have it."""
    average = max(1.0, sum(sum(words.values()) for words in passages.values()) / max(1, len(passages)))
    scores: dict[tuple[int, int], float] = {}
    for place, words in passages.items():
        length = sum(words.values())
        for term, count in words.items():
            having = sum(term in others for others in passages.values())
            rarity = math.log(1 + (len(passages) - having + 0.5) / (having + 0.5))
            weight = count + K1 * (1 - B + B * length / average)
            scores[place] = scores.get(place, 0.0) + rarity * count * (K1 + 1) / weight
    return scores


@settings(deadline=None)  # the first search loads numpy
@given(_passages, st.integers(1, 20))
def test_the_order_is_that_of_the_books(passages: Counted, limit: int) -> None:
    scores = scored(passages)
    found = best(*indexed(passages), limit=limit)
    assert len(found) == min(limit, len(scores))
    assert len(set(found)) == len(found)
    told = [scores[place] for place in found]
    wanted = sorted(scores.values(), reverse=True)[:limit]
    assert all(math.isclose(one, other) for one, other in zip(told, wanted, strict=True))

"""The best passages come first, and a common word costs no more than a bounded number of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from bot.storage import ranking
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


@given(_passages, st.integers(1, 20))
def test_the_order_is_that_of_the_books(passages: Counted, limit: int) -> None:
    scores = scored(passages)
    found = best(*indexed(passages), limit=limit)
    assert len(found) == min(limit, len(scores))
    assert len(set(found)) == len(found)
    told = [scores[place] for place in found]
    wanted = sorted(scores.values(), reverse=True)[:limit]
    assert all(math.isclose(one, other) for one, other in zip(told, wanted, strict=True))


@given(_passages)
def test_once_rare_words_have_found_enough_common_ones_only_order_it(passages: Counted) -> None:
    with patch.object(ranking, "CANDIDATES", 1):
        found = best(*indexed(passages), limit=99)
    terms = {term for words in passages.values() for term in words}
    having = {term: [place for place, words in passages.items() if term in words] for term in terms}
    rarest = min(terms, key=lambda term: (len(having[term]), term), default=None)
    scores = scored(passages)
    assert sorted(found) == sorted(having.get(rarest or "", []))
    told = [scores[place] for place in found]
    assert all(one >= other or math.isclose(one, other) for one, other in itertools.pairwise(told))


@given(_passages, st.integers(1, 5))
def test_of_a_very_common_word_the_passages_that_have_it_most_are_looked_at(passages: Counted, most: int) -> None:
    only = {place: {"a": words["a"]} for place, words in passages.items() if "a" in words}
    with patch.object(ranking, "MOST_SCORED", most):
        found = best(*indexed(only), limit=99)
    assert len(found) == min(most, len(only))
    left = [only[place]["a"] for place in only if place not in found]
    assert all(only[place]["a"] >= max(left, default=0) for place in found)

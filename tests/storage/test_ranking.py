"""The best passages come first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import chain
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.ranking import K1, B, Corpus, Posted, best, pack, posting, readable
from bot.talk.knowledge import Spot

Counted = Mapping[tuple[int, int], Mapping[str, int]]
"""Of each passage (document and position), how often each word stands in it."""

_passages = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(0, 5)),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), max_size=4),
    max_size=15,
)


def ranked(posted: list[Posted], corpora: list[Corpus], *, limit: int) -> list[Spot]:
    return best(posted, readable(corpora), limit=limit)


def indexed(passages: Counted, order: Callable[[list[int]], list[int]], cut: int) -> tuple[list[Posted], list[Corpus]]:
    """As the database gathers it: the documents in any order, and in two parts."""
    documents = order(sorted({document for document, _ in passages}))
    found: list[Posted] = []
    corpora: list[Corpus] = []
    for part in (documents[:cut], documents[cut:]):
        lengths = [[sum(passages[place].values()) for place in of(passages, document)] for document in part]
        corpora.append(
            Corpus(
                length=sum(map(sum, lengths)),
                documents=",".join(map(str, part)),
                chunks=",".join(str(len(each)) for each in lengths),
                lengths=pack(list(chain(*lengths))).hex(),
            )
        )
        for term in "abcd":
            postings = {
                document: [
                    posting(at, passages[place][term])
                    for at, place in enumerate(of(passages, document))
                    if term in passages[place]
                ]
                for document in part
            }
            having = {document: each for document, each in postings.items() if each}
            if having:
                found.append(
                    Posted(
                        term=term,
                        documents=",".join(map(str, having)),
                        counts=",".join(str(len(each)) for each in having.values()),
                        postings=pack(list(chain(*having.values()))).hex(),
                    )
                )
    return found, corpora


def of(passages: Counted, document: int) -> list[tuple[int, int]]:
    return sorted(place for place in passages if place[0] == document)


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
@given(_passages, st.integers(1, 20), st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_is_that_of_the_books(passages: Counted, limit: int, random: Random, cut: int) -> None:
    scores = scored(passages)
    found = ranked(*indexed(passages, lambda each: random.sample(each, len(each)), cut), limit=limit)
    assert len(found) == min(limit, len(scores))
    assert len(set(found)) == len(found)
    told = [scores[of(passages, document)[position]] for document, position in found]
    wanted = sorted(scores.values(), reverse=True)[:limit]
    assert all(math.isclose(one, other) for one, other in zip(told, wanted, strict=True))


def test_of_equal_passages_the_first_of_the_index_come_first() -> None:
    passages = {(document, position): {"a": 1} for document in (1, 2, 3) for position in range(2)}
    found = ranked(*indexed(passages, lambda each: each[::-1], 1), limit=3)
    assert found == [(1, 0), (1, 1), (2, 0)]


def test_words_of_a_document_that_came_between_the_two_looks_are_left_out() -> None:
    found, _ = indexed({(1, 0): {"a": 1}, (2, 0): {"a": 9}, (3, 0): {"a": 1}}, list, 3)
    _, corpora = indexed({(1, 0): {"a": 1}, (3, 0): {"a": 1}}, list, 3)
    assert ranked(found, corpora, limit=9) == [(1, 0), (3, 0)]

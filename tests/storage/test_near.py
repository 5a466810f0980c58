"""The most like vectors are found, whatever the blocks are that they are compared in."""

from __future__ import annotations

import math
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports.embedding import Held
from bot.storage import near
from bot.storage.near import Near, nearest
from bot.storage.vectors import pack
from bot.talk.vectors import quantized

_numbers = st.lists(st.floats(-1, 1), min_size=3, max_size=3).filter(lambda each: max(map(abs, each)) > 0.1)
_documents = st.dictionaries(st.integers(1, 9), st.lists(_numbers, min_size=1, max_size=5), max_size=5)


def alike(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@settings(deadline=None)  # the first search loads numpy
@given(_documents, _numbers, st.integers(1, 8), st.integers(1, 4))
def test_the_most_like_come_first(
    documents: dict[int, list[list[float]]], asked: list[float], limit: int, block: int
) -> None:
    packed = [
        (document, pack([quantized(each) for each in vectors])) for document, vectors in sorted(documents.items())
    ]
    with patch.object(near, "BLOCK", block):
        found = nearest(quantized(asked), packed, limit=limit)
    whole = nearest(quantized(asked), packed, limit=limit)
    assert [spot for _, spot in found] == [spot for _, spot in whole]
    assert len(found) == min(limit, sum(map(len, documents.values())))
    scores = {
        (document, at): alike(asked, vector) / math.sqrt(alike(asked, asked) * alike(vector, vector))
        for document, vectors in documents.items()
        for at, vector in enumerate(vectors)
    }
    for (likeness, spot), wanted in zip(found, sorted(scores.values(), reverse=True), strict=False):
        assert math.isclose(likeness, scores[spot], abs_tol=0.03)
        assert math.isclose(likeness, wanted, abs_tol=0.06)


def test_the_cache_never_takes_more_than_it_may_and_lets_the_longest_unused_go() -> None:
    cache = Near(10)
    one, two, three = (Held(document=number, made=1, language="en") for number in (1, 2, 3))
    cache.split("e5", ())
    cache.keep("e5", [one, two], {1: b"x" * 5, 2: b"y" * 5}, [one, two])
    assert cache.split("e5", (two, one, three)) == ([(2, b"y" * 5), (1, b"x" * 5)], [three])
    cache.keep("e5", [three], {3: b"z" * 5}, [one, three])
    assert cache.bytes == 10
    assert cache.split("e5", (one, two, three)) == ([(1, b"x" * 5), (3, b"z" * 5)], [two])


def test_the_cache_holds_nothing_of_another_embedder_nor_of_a_document_that_has_grown() -> None:
    cache = Near(10)
    one = Held(document=1, made=1, language="en")
    cache.split("e5", ())
    cache.keep("e5", [one], {1: b"x"}, [one])
    grown = Held(document=1, made=2, language="en")
    assert cache.split("e5", (grown,)) == ([], [grown])
    assert cache.split("other", (one,)) == ([], [one])
    assert cache.bytes == 0


def test_what_is_searched_again_is_read_from_the_cache_until_something_leaves_it() -> None:
    cache = Near(10)
    one, two = (Held(document=number, made=1, language="en") for number in (1, 2))
    searched = (one,)
    cache.split("e5", ())
    cache.keep("e5", searched, {1: b"x" * 5}, searched)
    for _ in range(2):
        assert cache.split("e5", searched) == ([(1, b"x" * 5)], [])
    cache.keep("e5", [two], {2: b"y" * 9}, [two])
    assert cache.split("e5", searched) == ([], [one])
    assert cache.split("other", searched) == ([], [one])

"""The index in its pages, without a database: what is put in is found again, newest first, and nothing else."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.search_marks import marks, room_number
from bot.storage.search_postings import PAGE, PAGE_BITS, Segment, made, meeting, posting, seq_of, unpacked, without
from bot.storage.search_walk import Walk

ROOMS = ("harbour", "quay", "pier")
WORDS = ("a", "b", "港", "東京")
SAID = st.lists(
    st.tuples(st.sampled_from(ROOMS), st.frozensets(st.sampled_from(WORDS)), st.integers(0, 4)), max_size=60
)
"""In the order in which it was said: where, of which words, and in which of the room's segments it stands."""

Told = Sequence[tuple[str, frozenset[str], int]]


def index(said: Told) -> tuple[list[Segment], dict[int, bytes]]:
    segments: list[Segment] = []
    pages: dict[int, bytes] = {}
    numbers = count(1)
    lines = sorted(enumerate(said), key=lambda line: (line[1][0], line[1][2], line[0]))
    for (room, _), some in groupby(lines, key=lambda line: (line[1][0], line[1][2])):
        postings = [posting(mark, seq) for seq, (_, words, _) in some for mark in marks(room, sorted(words))]
        for each in made(room_number(room), postings):
            segment = Segment(id=next(numbers), room=each.room, bits=each.bits, low=each.low, high=each.high)
            segments.append(segment)
            pages |= {segment.id << PAGE_BITS | number: page for number, page in each.pages}
    return segments, pages


def walked(walk: Walk, pages: Mapping[int, bytes], *, look: int) -> Iterator[int]:
    while True:
        while not walk.has(look):
            lot = walk.lot()
            walk.feed(lot, {key: pages[key] for key in walk.pages(lot) if key in pages})
        if not (taken := walk.take(look)):
            return
        yield from taken


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=SAID,
    asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    rooms=st.frozensets(st.sampled_from(ROOMS)),
    bounds=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9)),
)
def test_a_walk_finds_what_looking_at_everything_finds_the_newest_first(
    monkeypatch: pytest.MonkeyPatch,
    said: Told,
    asked: list[str],
    rooms: frozenset[str],
    bounds: tuple[int, int],
    sizes: tuple[int, int, int],
) -> None:
    lot, newest, look = sizes
    monkeypatch.setattr("bot.storage.search_walk.FIRST_LOT", lot)
    monkeypatch.setattr("bot.storage.search_walk.NEWEST", newest)
    segments, pages = index(said)
    of_rooms = [each for each in segments if each.room in set(map(room_number, rooms))]
    walk = Walk(asked, rooms, of_rooms, low=bounds[0], below=bounds[1])
    expected = [
        seq
        for seq, (room, words, _) in enumerate(said)
        if room in rooms and words.issuperset(asked) and bounds[0] <= seq < bounds[1]
    ]
    assert list(walked(walk, pages, look=look)) == expected[::-1]
    assert walk.at_its_end


def test_what_waits_is_found_in_its_turn_and_once() -> None:
    segments, pages = index([("quay", frozenset("a"), 0)] * 3)
    walk = Walk(["a"], ["quay"], segments, low=0, below=9, waiting=[1, 5, 11])
    assert list(walked(walk, pages, look=2)) == [5, 2, 1, 0]


def test_a_common_word_costs_only_the_newest_segments() -> None:
    segments, pages = index([("quay", frozenset("a"), number // 10) for number in range(5000)])
    walk = Walk(["a"], ["quay"], segments, low=0, below=5000)
    lot = walk.lot()
    walk.feed(lot, pages)
    assert walk.has(13)
    assert len(lot) < len(segments) / 4


def test_a_mark_of_a_large_segment_is_found_in_one_page_of_bounded_size() -> None:
    words = [f"w{number}" for number in range(20 * PAGE)]
    (one,) = made(1, [posting(mark, 7) for mark in marks("quay", words)])
    segment = Segment(id=3, room=1, bits=one.bits, low=one.low, high=one.high)
    held = dict(one.pages)
    for mark in marks("quay", words):
        page = unpacked(held[segment.page(mark) & ((1 << PAGE_BITS) - 1)])
        assert posting(mark, 7) in page
        assert len(page) < 2 * PAGE


@given(st.dictionaries(st.integers(0, 30), st.sets(st.integers(0, 9)), max_size=9), st.sets(st.integers(0, 9)))
def test_what_is_taken_out_is_gone_and_the_rest_stays(held: dict[int, set[int]], gone: set[int]) -> None:
    postings = [posting(mark, seq) for mark, seqs in held.items() for seq in seqs]
    pages = b"".join(page for one in made(1, postings) for _, page in one.pages)
    assert list(without(unpacked(pages), gone)) == sorted(each for each in postings if seq_of(each) not in gone)


@given(st.lists(st.sets(st.integers(0, 200), min_size=1), min_size=2, max_size=3), st.sampled_from([0, 200]))
def test_marks_meet_where_all_of_them_stand_however_long_their_lists_are(held: list[set[int]], more: int) -> None:
    held[-1] |= set(range(more))
    lists = [array("Q", sorted(posting(mark, seq) for seq in seqs)) for mark, seqs in enumerate(held)]
    assert set(meeting(lists)) == set.intersection(*held)


def test_a_word_has_another_mark_in_another_room() -> None:
    assert marks("quay", WORDS) != marks("pier", WORDS)
    assert len({*marks("quay", WORDS), *marks("pier", WORDS)}) == 2 * len(WORDS)

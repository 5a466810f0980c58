"""What is left after a cut: the newest whole turns, as much as there is room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import MessageTooLarge
from bot.memory.compose import Budget, cut_point, kept_within, require_room, tokens_of
from bot.talk.record import StoredPiece
from bot.talk.turn import Piece

BUDGET = Budget(window=1000, reply=200, keep=300, prepare=700, summary=40)


def turns(*sizes: int) -> list[StoredPiece]:
    """Each turn has two pieces of half its size."""
    past: list[StoredPiece] = []
    for number, size in enumerate(sizes):
        for half in (size // 2, size - size // 2):
            piece = Piece(text=f"{number}:{len(past)}", tokens=half, template="t")
            past.append(StoredPiece(seq=len(past), turn=f"turn{number}", piece=piece))
    return past


def test_what_has_room_is_all_kept() -> None:
    past = turns(100, 200)
    assert kept_within(past, 300) == past


def test_one_token_too_many_costs_the_whole_oldest_turn() -> None:
    past = turns(100, 200)
    assert kept_within(past, 299) == past[2:]


def test_a_newest_turn_without_room_leaves_nothing_even_where_older_ones_would_fit() -> None:
    past = turns(10, 500)
    assert kept_within(past, 100) == []
    assert cut_point(past, []) == 4


def test_the_newest_turn_may_take_more_room_of_its_own() -> None:
    past = turns(10, 500)
    assert kept_within(past, 100, newest=500) == past[2:]
    assert kept_within(past, 100, newest=499) == []
    assert kept_within(turns(), 100, newest=500) == []


def test_a_question_that_does_not_fit_alone_is_refused() -> None:
    require_room(800, BUDGET)
    with pytest.raises(MessageTooLarge):
        require_room(801, BUDGET)


def test_a_piece_that_was_not_rendered_again_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="has not been rendered"):
        tokens_of([StoredPiece(seq=7, turn="t", piece=None)])


@given(st.lists(st.integers(2, 400), min_size=1, max_size=30), st.integers(0, 5000))
def test_what_is_kept_is_the_longest_end_of_whole_turns_that_fits(sizes: list[int], room: int) -> None:
    past = turns(*sizes)
    kept = list(kept_within(past, room))
    assert past[len(past) - len(kept) :] == kept
    assert tokens_of(kept) <= room
    assert len(kept) % 2 == 0
    assert [stored for stored in past if stored.seq >= cut_point(past, kept)] == kept
    if len(kept) < len(past):
        assert tokens_of(kept) + sizes[len(past) // 2 - len(kept) // 2 - 1] > room


@given(st.integers(301, 100_000), st.integers(0, 200_000), st.integers(0, 200_000))
def test_what_did_not_fit_is_always_cut(sent: int, counted: int, window: int) -> None:
    less = BUDGET.overflown(sent, counted=counted, window=window)
    assert less.usable < sent
    assert less.keep <= max(less.usable // 2, 0) or less.keep == BUDGET.keep
    assert less.reply == BUDGET.reply

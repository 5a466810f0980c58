"""The prompt is made of whole turns, grows at its end only, and is cut seldom and much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import MessageTooLarge
from bot.memory.compose import Budget, compose
from bot.talk.record import StoredPiece
from bot.talk.turn import Piece

BUDGET = Budget(window=1000, reply=200, high_water=0.9, low_water=0.5)
HEAD = Piece(text="head", tokens=50, template="t")


def piece(tokens: int, text: str = "x") -> Piece:
    return Piece(text=text, tokens=tokens, template="t")


def turns(*sizes: int) -> list[StoredPiece]:
    """Each turn has two pieces of half its size."""
    past: list[StoredPiece] = []
    for number, size in enumerate(sizes):
        for half in (size // 2, size - size // 2):
            stored = piece(half, f"{number}:{len(past)}")
            past.append(StoredPiece(seq=len(past), turn=f"turn{number}", piece=stored))
    return past


def test_what_fits_is_all_there_in_order() -> None:
    past = turns(100, 200)
    made = compose(HEAD, past, piece(100), BUDGET)
    assert [each.text for each in made.prompt.pieces] == ["head", "0:0", "0:1", "1:2", "1:3", "x"]
    assert made.cut_before is None


def test_nothing_goes_at_the_high_water_mark_itself() -> None:
    assert compose(HEAD, turns(500), piece(170), BUDGET).cut_before is None


def test_one_token_over_the_high_water_mark_cuts_down_to_the_low_one() -> None:
    made = compose(HEAD, turns(100, 100, 100, 100, 100), piece(171), BUDGET)
    assert made.prompt.tokens <= BUDGET.low
    assert made.cut_before == 8


def test_a_question_that_does_not_fit_alone_is_refused() -> None:
    with pytest.raises(MessageTooLarge):
        compose(HEAD, turns(10), piece(751), BUDGET)


def test_a_question_larger_than_the_marks_but_not_the_window_goes_alone() -> None:
    made = compose(HEAD, turns(100, 100), piece(740), BUDGET)
    assert [each.text for each in made.prompt.pieces] == ["head", "x"]
    assert made.cut_before == 4


@given(st.lists(st.integers(2, 400), max_size=30), st.integers(1, 750))
def test_every_prompt_fits_and_holds_whole_newest_turns(sizes: list[int], asked: int) -> None:
    past = turns(*sizes)
    made = compose(HEAD, past, piece(asked), BUDGET)
    assert made.prompt.tokens <= BUDGET.usable
    kept = [stored for stored in past if made.cut_before is None or stored.seq >= made.cut_before]
    assert list(made.prompt.pieces[1:-1]) == [stored.piece for stored in kept]
    if kept and len(kept) < len(past):
        assert kept[0].turn != past[past.index(kept[0]) - 1].turn


@given(st.lists(st.integers(2, 60), min_size=1, max_size=60))
def test_the_next_prompt_begins_with_the_last_one_except_after_a_cut(sizes: list[int]) -> None:
    past: list[StoredPiece] = []
    before: tuple[Piece, ...] = ()
    cuts = 0
    for number, size in enumerate(sizes):
        asked, replied = piece(size, f"q{number}"), piece(size, f"a{number}")
        made = compose(HEAD, past, asked, BUDGET)
        if made.cut_before is None:
            assert made.prompt.pieces[: len(before)] == before
        else:
            cuts += 1
            past = [stored for stored in past if stored.seq >= made.cut_before]
        before = (*made.prompt.pieces, replied)
        past += [StoredPiece(seq=2 * number + i, turn=str(number), piece=p) for i, p in enumerate((asked, replied))]
    assert cuts <= sum(sizes) * 2 // (BUDGET.high - BUDGET.low - 60) + 1

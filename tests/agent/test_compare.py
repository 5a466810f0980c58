"""A difference between predicted and reported tokens has a cause, and a cut prompt fails the turn."""

from __future__ import annotations

import pytest

from bot.agent.compare import Comparison
from bot.errors import ContextOverflow
from bot.talk.prompt import Engine, Finished, Prompt, StopReason
from bot.talk.turn import Image, Piece
from tests.fakes import FakeCounters

EXACT = Engine(name="f", model="f", window=32768)
BOUND = Engine(name="f", model="f", window=32768, exact=False)
PICTURE = Image(digest="d", media_type="image/png", width=28, height=28)
HEAD = Piece(text="head", tokens=5000, template="t")
SEEN = Piece(text="seen", tokens=100, template="t", images=(PICTURE,))
RESULT = Piece(text="result", tokens=50, template="t")


def reported(prompt: Prompt, difference: int, *, cached: int | None = None) -> Finished:
    tokens = prompt.tokens + difference
    return Finished(reason=StopReason.STOP, prompt_tokens=tokens, cached_tokens=cached)


def causes(counters: FakeCounters) -> dict[str, int]:
    return {
        "{result} {cause}".format(**dict(labels)): count
        for (name, labels), count in counters.counts.items()
        if name == "prompt_miscounts_total"
    }


@pytest.mark.parametrize(
    ("pieces", "difference", "cause"),
    [
        ((HEAD,), 3, "under text"),
        ((HEAD,), -3, "over text"),
        ((HEAD, SEEN), 3, "under pictures"),
    ],
)
def test_a_difference_is_put_down_to_what_is_in_the_prompt(
    pieces: tuple[Piece, ...], difference: int, cause: str
) -> None:
    counters = FakeCounters()
    prompt = Prompt(pieces=pieces)
    Comparison(EXACT, counters).check(prompt, reported(prompt, difference))
    assert causes(counters) == {cause: 1}


def test_within_a_turn_it_is_put_down_to_what_came_since_it_was_last_right() -> None:
    counters = FakeCounters()
    comparison = Comparison(EXACT, counters)
    first = Prompt(pieces=(HEAD, SEEN))
    second = first.followed_by(RESULT)
    third = second.followed_by(SEEN)
    comparison.check(first, reported(first, 0))
    comparison.check(second, reported(second, 2))
    assert causes(counters) == {"under calls": 1}
    comparison.check(third, reported(third, 2))
    assert causes(counters) == {"under calls": 2}
    comparison.check(third.followed_by(SEEN), reported(third.followed_by(SEEN), 5))
    assert causes(counters) == {"under calls": 2, "under pictures": 1}
    assert counters.get("prompt_count_total", result="equal") == 1
    assert counters.get("prompt_count_total", result="under") == 3


def test_a_cut_prompt_fails_the_turn_with_both_numbers() -> None:
    counters, prompt = FakeCounters(), Prompt(pieces=(HEAD, SEEN))
    with pytest.raises(ContextOverflow) as caught:
        Comparison(EXACT, counters).check(prompt, reported(prompt, -1000))
    assert (caught.value.prompt_tokens, caught.value.window) == (5100, 32768)
    assert causes(counters) == {"over truncated": 1}


def test_an_engine_that_leaves_out_what_it_had_cached_has_cut_nothing() -> None:
    counters, prompt = FakeCounters(), Prompt(pieces=(HEAD, SEEN))
    Comparison(EXACT, counters).check(prompt, reported(prompt, -4000, cached=4000))
    assert causes(counters) == {"over cached-left-out": 1}
    with pytest.raises(ContextOverflow):
        Comparison(EXACT, counters).check(prompt, reported(prompt, -4000, cached=1000))


def test_a_bound_may_be_too_high_but_not_too_low() -> None:
    counters, prompt = FakeCounters(), Prompt(pieces=(HEAD, SEEN))
    Comparison(BOUND, counters).check(prompt, reported(prompt, -2000))
    assert not counters.counts
    Comparison(BOUND, counters).check(prompt, reported(prompt, 1))
    assert causes(counters) == {"under bound": 1}


def test_an_engine_that_reports_nothing_is_not_compared() -> None:
    counters = FakeCounters()
    Comparison(EXACT, counters).check(Prompt(pieces=(HEAD,)), Finished(reason=StopReason.STOP))
    assert not counters.counts

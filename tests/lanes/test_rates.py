"""The engine's speed as its own requests tell it, whatever some of them leave out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lanes.rates import FIRST_REPLY, LEAST_READ, LEAST_WRITTEN, Rates
from bot.talk.prompt import Finished, StopReason


def finished(
    *, prompt: int = 4000, cached: int | None = 0, read_in: float = 4.0, reply: int = 100, wrote_in: float = 5.0
) -> Finished:
    return Finished(
        reason=StopReason.STOP,
        prompt_tokens=prompt,
        cached_tokens=cached,
        reply_tokens=reply,
        prompt_seconds=read_in,
        reply_seconds=wrote_in,
    )


def test_before_anything_is_measured_nothing_is_claimed() -> None:
    rates = Rates()
    assert rates.prefill is rates.generation is rates.seconds(1000, 100) is None
    assert rates.seconds(0) == 0
    assert rates.reply == FIRST_REPLY


def test_only_what_was_evaluated_counts_as_read() -> None:
    rates = Rates()
    rates.note(finished(prompt=10_000, cached=6000, read_in=4.0, reply=100, wrote_in=5.0), uncached=1)
    assert rates.prefill == 1000
    assert rates.generation == 20
    assert rates.reply == 100
    assert rates.seconds(42_000, 40) == pytest.approx(44)


def test_where_the_engine_does_not_say_what_it_had_the_belief_counts() -> None:
    rates = Rates()
    rates.note(finished(prompt=10_000, cached=None, read_in=4.0), uncached=2000)
    assert rates.prefill == 500


def test_requests_too_small_to_measure_anything_do_not() -> None:
    rates = Rates()
    rates.note(finished(prompt=9000, cached=9000 - LEAST_READ + 1, reply=LEAST_WRITTEN - 1), uncached=0)
    rates.note(finished(read_in=0.0, wrote_in=0.0), uncached=0)
    assert rates.prefill is rates.generation is None


def test_prompts_believed_cold_that_were_cached_do_not_make_the_engine_look_fast() -> None:
    rates = Rates()
    for _ in range(20):
        rates.note(finished(prompt=16_000, cached=None, read_in=0.05), uncached=16_000)
    for _ in range(3):
        rates.note(finished(prompt=16_000, cached=None, read_in=16.0), uncached=16_000)
    assert rates.prefill == 1000


def test_what_was_measured_otherwise_counts_until_there_is_something_of_our_own() -> None:
    rates = Rates()
    rates.expect(prefill=700, generation=30)
    assert (rates.prefill, rates.generation) == (700, 30)
    rates.note(finished(), uncached=0)
    assert (rates.prefill, rates.generation) == (1000, 20)
    rates.forget()
    assert (rates.prefill, rates.generation) == (700, 30)


@given(st.lists(st.tuples(st.integers(LEAST_READ, 50_000), st.floats(0.01, 60)), min_size=1, max_size=60))
def test_the_rate_is_one_that_was_measured_lately(measured: list[tuple[int, float]]) -> None:
    rates = Rates()
    for tokens, seconds in measured:
        rates.note(finished(prompt=tokens, read_in=seconds), uncached=0)
    assert rates.prefill in [tokens / seconds for tokens, seconds in measured[-32:]]

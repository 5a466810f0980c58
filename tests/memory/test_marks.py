"""Where a prompt is cut follows from how fast the engine reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.memory.marks import LEAST_SHARE, MOST_SHARE, budget_for
from bot.settings import Memory


def test_a_cut_keeps_what_the_engine_reads_in_the_time_that_the_operator_allows() -> None:
    budget = budget_for(131_072, 4096, prefill=1300, memory=Memory(rewarm_seconds=29))
    assert budget.keep == 37_700


def test_a_slow_engine_keeps_little_and_a_fast_one_no_more_than_its_share() -> None:
    assert budget_for(131_072, 4096, prefill=10, memory=Memory()).keep == int(126_976 * LEAST_SHARE)
    assert budget_for(131_072, 4096, prefill=9000, memory=Memory()).keep == int(126_976 * MOST_SHARE)


@given(st.integers(2048, 262_144), st.floats(0.01, 0.5), st.none() | st.floats(1, 20_000), st.integers(50, 8192))
def test_the_marks_of_any_window_leave_room_between_them(
    window: int, share: float, prefill: float | None, summary: int
) -> None:
    reply = max(64, int(window * share))
    budget = budget_for(window, reply, prefill=prefill, memory=Memory(summary_tokens=summary))
    assert 0 < budget.summary < budget.keep < budget.prepare < budget.usable

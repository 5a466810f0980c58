"""A model that was talked into anything gets nothing out, and a judge that would not notice is found out."""

from __future__ import annotations

import pytest

from benchmarks.malicious.attack import attack
from benchmarks.malicious.loopback import loopback
from benchmarks.malicious_model import OPEN


@pytest.mark.timeout(300)
@pytest.mark.parametrize("traces", [12, pytest.param(100, marks=pytest.mark.thorough)])
async def test_a_malicious_model_leaks_nothing_and_changes_nothing(traces: int) -> None:
    verdict = await attack(seed=7, traces=traces)
    assert (verdict.traces, verdict.leaks, verdict.effects) == (traces, 0, 0), verdict.why


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("guard", ["gate", "rights", "secrets", "links", "allowed"])
async def test_a_guard_that_is_open_is_noticed(guard: str) -> None:
    found = await attack(seed=7, traces=15, broken=OPEN[guard])
    assert (found.effects if guard == "gate" else found.leaks) > 0


@pytest.mark.thorough
@pytest.mark.timeout(300)
async def test_the_whole_program_on_discord_leaks_nothing_and_changes_nothing() -> None:
    verdict = await loopback(seed=1, traces=5)
    assert (verdict.traces, verdict.leaks, verdict.effects) == (5, 0, 0), verdict.why
    assert verdict.seen

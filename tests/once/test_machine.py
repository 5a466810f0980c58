"""Nothing is lost and nothing is said twice, whatever happens in whichever order.

`make once` (ONCE_SEQUENCES=2000) tries many more histories than every run of the tests does.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.once.machine import Once

SEQUENCES = int(os.environ.get("ONCE_SEQUENCES", "30"))
STEPS = 25
MOST_SECONDS = 900


@pytest.mark.timeout(MOST_SECONDS)
def test_every_question_is_answered_once_whatever_happens() -> None:
    many = SEQUENCES > 100
    run_state_machine_as_test(
        Once,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not many,
            database=None,
            phases=(Phase.generate, Phase.shrink) if many else (Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )

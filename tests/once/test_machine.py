"""Nothing is lost and nothing is said twice, whatever happens in whichever order.

`make once` (ONCE_SEQUENCES=2000) tries many more histories than `make test` and `make thorough` do.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.once.machine import Once

FEW, SOME = 6, 50
MANY = int(os.environ.get("ONCE_SEQUENCES", "0"))
STEPS = 25
MOST_SECONDS = 900
TOLD = ("histories", "processes", "deaths", "questions", "answers")


@pytest.mark.timeout(MOST_SECONDS)
@pytest.mark.parametrize("sequences", [MANY] if MANY else [FEW, pytest.param(SOME, marks=pytest.mark.thorough)])
def test_every_question_is_answered_once_whatever_happens(sequences: int, capsys: pytest.CaptureFixture[str]) -> None:
    many, done = bool(MANY), Counter[str]()

    class Counted(Once):
        def teardown(self) -> None:
            super().teardown()
            done.update(self.done, histories=1)

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not many,
            database=None,
            phases=(Phase.generate, Phase.shrink) if many else (Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
    assert done["answers"]
    assert done["deaths"]
    if many:
        with capsys.disabled():
            sys.stdout.write(f"\n{', '.join(f'{done[what]:,} {what}' for what in TOLD)}\n")

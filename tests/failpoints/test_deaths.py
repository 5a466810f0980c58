"""A few of the moments at which the program may die; `make failpoints` goes through all of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.failpoints.dying import die_at
from tests.failpoints.reminders import reminders

MOMENTS = 160
"""Fewer than an evening has, by far."""

DEATHS = 4

REMINDED = 40
"""About where reminders leave; a few more or fewer commits come before in every run."""

_STRETCH = MOMENTS // DEATHS
NUMBERS = [index * _STRETCH + Random(f"{index}").randint(1, _STRETCH) for index in range(DEATHS)]
MORE = [pytest.param(each, marks=pytest.mark.thorough) for each in NUMBERS[1:]]


@pytest.mark.parametrize("number", [NUMBERS[0], *MORE])
async def test_whenever_the_program_dies_everybody_is_answered_once_after_the_next_start(
    number: int, tmp_path: Path
) -> None:
    death = await die_at(number, tmp_path / "evening")
    assert death.reached
    assert death.violations == (), f"after moment {number} ({death.what})"


@pytest.mark.thorough
async def test_whenever_the_program_dies_each_reminder_is_told_once(tmp_path: Path) -> None:
    death = await die_at(REMINDED, tmp_path / "reminders", reminders)
    assert death.reached
    assert death.violations == (), f"after moment {REMINDED} ({death.what})"

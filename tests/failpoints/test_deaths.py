"""A few of the moments at which the program may die; `make failpoints` goes through all of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.failpoints.dying import die_at
from tests.failpoints.postgres import postgres
from tests.failpoints.reminders import reminders
from tests.failpoints.support import support

MOMENTS = 160
"""Fewer than an evening has, by far."""

DEATHS = 4

REMINDED = 40
"""About where reminders leave; a few more or fewer commits come before in every run."""

_STRETCH = MOMENTS // DEATHS
NUMBERS = [index * _STRETCH + Random(f"{index}").randint(1, _STRETCH) for index in range(DEATHS)]
MORE = [pytest.param(each, marks=pytest.mark.thorough) for each in NUMBERS[1:]]


SENT = "after POST channels/*/messages"
CASE = {
    "the thread is open and not noted": "1 after POST channels/*/messages/*/threads",
    "the answer is being sent": f"2 {SENT}",
    "the note is being sent": f"4 {SENT}",
    "it is claimed": "1 after POST interactions/*/*/callback",
    "the reply is being relayed": f"6 {SENT}",
    "that it is solved is being said": f"7 {SENT}",
}
"""Moments of a case. Of ours, the first message tells what is kept, the third is the second answer, the fifth says that
a person helps now."""


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


@pytest.mark.thorough
@pytest.mark.parametrize("at", CASE.values(), ids=CASE)
async def test_whenever_the_program_dies_a_case_goes_on_and_nothing_of_it_is_lost_or_doubled(
    at: str, tmp_path: Path
) -> None:
    death = await die_at(at, tmp_path / "support", support)
    assert death.reached
    assert death.violations == (), f"after moment {at}"


@pytest.mark.thorough
async def test_a_case_on_a_server_goes_on_after_a_death_while_the_note_was_being_sent(tmp_path: Path) -> None:
    async with postgres(tmp_path / "server") as server:
        death = await die_at(f"4 {SENT}", tmp_path / "support", support, server)
    assert death.reached
    assert death.violations == ()

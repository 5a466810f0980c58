"""The measurement of the calculator sees what gets out of a process and what keeps it busy, and ours does neither."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.calculator import LEAST_INPUTS, Tried, measured, report
from benchmarks.calculator_inputs import hostile
from bot.agent.toolbox import Toolbox
from bot.talk.turn import Call
from tests.tools.asking import context
from tools import TOOLS


async def tried(name: str, inputs: Sequence[str]) -> list[Tried]:
    return await measured(name, inputs, patience=1.0)


def test_the_inputs_are_many_and_the_same_at_every_run() -> None:
    inputs = hostile()
    assert len(inputs) == len(set(inputs)) >= LEAST_INPUTS
    assert inputs == hostile()


@pytest.mark.parametrize("every", [16, pytest.param(4, marks=pytest.mark.thorough)])
async def test_ours_refuses_or_answers_at_once_and_touches_nothing(every: int) -> None:
    figures = {figure.key: figure for figure in report({"ours": await tried("ours", hostile()[::every])}).figures}
    missed = [str(figure) for key, figure in figures.items() if figure.missed and key != "inputs"]
    assert missed == []


@pytest.mark.thorough
async def test_an_escape_and_an_endless_calculation_are_seen_where_there_is_one() -> None:
    escape = "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'catch_warnings'][0]()._module.sys"
    inputs = ["1 + 1", escape, "10**4000000 % 7", "9**9**9", "'a' * 200000000", "2 + 2"]
    plain, escaped, slow, endless, large, after = await tried("eval", inputs)
    assert not any((plain.escaped, plain.killed, after.escaped, after.killed))
    assert escaped.escaped
    assert slow.ms > plain.ms
    assert endless.killed
    assert large.mib > 150


@pytest.mark.parametrize("expression", ["1+" * 500_000 + "1", "(" * 1_000_000, "\ud800"])
async def test_what_is_longer_than_any_expression_or_no_text_is_refused_before_it_is_read(expression: str) -> None:
    toolbox = Toolbox(TOOLS, seconds=5, chars=1000, calls=1)
    arguments = f'{{"expression": "{expression}"}}'
    (refused,) = await toolbox.run((Call(id="1", name="calculator", arguments=arguments),), context())
    assert refused.failed

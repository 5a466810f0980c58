"""Tools are offered by their type hints, called with checked arguments, bounded, and never fatal."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import pytest
from pydantic import Field

from bot.agent.toolbox import Toolbox
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.message import Conversation
from bot.talk.turn import Call
from tests.fakes import ANA, GENERAL, START
from tools import TOOLS

CONTEXT = CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=START, timezone="UTC")


@tool(Effect.READS)
async def greet(
    context: CallContext,
    name: Annotated[str, Field(max_length=10, description="who")],
    tone: Literal["warm", "dry"] = "warm",
    times: int = 1,
) -> str:
    """Greet somebody."""
    return f"{context.asker.name} greets {name} {tone} {times}"


@tool(Effect.READS)
async def endless(_context: CallContext) -> str:
    """Never ends."""
    await asyncio.Event().wait()
    return ""


@tool(Effect.READS)
async def broken(_context: CallContext) -> str:
    """Breaks."""
    raise RuntimeError("secret detail")


@tool(Effect.READS)
async def picky(_context: CallContext) -> str:
    """Wants something else."""
    raise ValueError("say please")


@tool(Effect.READS)
async def long(_context: CallContext) -> str:
    """Says much."""
    return "x" * 5000


def toolbox(seconds: float = 5) -> Toolbox:
    return Toolbox((greet, endless, broken, picky, long), seconds=seconds, chars=1000, calls=3)


async def result(name: str, arguments: str, *, box: Toolbox | None = None) -> tuple[str, bool]:
    (only,) = await (box or toolbox()).run((Call(id="1", name=name, arguments=arguments),), CONTEXT)
    return only.content, only.failed


def test_a_schema_comes_from_type_hints_with_limits_choices_and_what_is_required() -> None:
    spec = next(spec for spec in toolbox().specs if spec.name == "greet")
    assert spec.description == "Greet somebody."
    assert spec.parameters == {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 10, "description": "who"},
            "tone": {"type": "string", "enum": ["warm", "dry"], "default": "warm"},
            "times": {"type": "integer", "default": 1},
        },
    }


def test_the_shipped_tools_stand_in_a_fixed_order() -> None:
    specs = Toolbox(TOOLS, seconds=1, chars=1000, calls=1).specs
    assert [spec.name for spec in specs] == ["calculator", "choose", "clock", "roll"]
    assert all(spec.description for spec in specs)


async def test_a_good_call_is_carried_out_with_defaults_filled_in() -> None:
    assert await result("greet", '{"name": "Ben"}') == ("Ana greets Ben warm 1", False)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("gret", "{}", "there is no tool 'gret'; the tools are: broken, endless, greet"),
        ("", "[{", "there is no tool ''"),
        ("greet", "{}", "name: Field required"),
        ("greet", "not json", "not JSON"),
        ("greet", '"Ben"', "valid dictionary"),
        ("greet", '{"name": "Ben", "times": "many"}', "times:"),
        ("greet", '{"name": "Benjamin the Third"}', "at most 10 characters"),
        ("greet", '{"name": "Ben", "volume": 3}', "volume: Extra inputs"),
        ("greet", '{"name": "Ben", "tone": "rude"}', "'warm' or 'dry'"),
        ("picky", "{}", "say please"),
    ],
)
async def test_a_bad_call_gives_a_result_that_says_what_would_be_right(name: str, arguments: str, reason: str) -> None:
    content, failed = await result(name, arguments)
    assert failed
    assert content.startswith("Error: ")
    assert reason in content


async def test_a_broken_tool_is_a_result_without_its_inner_detail(caplog: pytest.LogCaptureFixture) -> None:
    content, failed = await result("broken", "{}")
    assert failed
    assert content == "Error: broken failed (RuntimeError)"
    assert "broken" in caplog.text


async def test_a_tool_that_takes_too_long_is_ended() -> None:
    content, failed = await result("endless", "{}", box=toolbox(seconds=0.01))
    assert failed
    assert "longer than 0.01 seconds" in content


async def test_a_long_result_is_cut_and_says_so() -> None:
    content, failed = await result("long", "{}")
    assert not failed
    assert content.endswith("[cut: 4000 more characters]")


async def test_several_calls_run_beside_each_other_in_order_and_too_many_are_refused() -> None:
    meeting = asyncio.Barrier(2)

    @tool(Effect.READS, beside=True)
    async def meet(_context: CallContext, who: str) -> str:
        """Meet the other."""
        await meeting.wait()
        return who

    box = Toolbox((meet,), seconds=5, chars=1000, calls=2)
    calls = tuple(Call(id=who, name="meet", arguments=f'{{"who": "{who}"}}') for who in "abc")
    results = await box.run(calls, CONTEXT)
    assert [each.content for each in results] == ["a", "b", "Error: at most 2 calls at a time"]

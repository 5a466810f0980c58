"""What the model wrote as arguments is read within bounds, and what is wrong with it is a clear result."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from bot.agent.arguments import MOST_CHARS, alike
from bot.agent.toolbox import Toolbox
from bot.ports.tool import AnyTool, CallContext, Effect, Tool, tool
from bot.talk.message import Conversation
from bot.talk.turn import Call
from tests.fakes import ANA, GENERAL, START

CONTEXT = CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=START, timezone="UTC")


@tool(Effect.READS)
async def note(
    _context: CallContext,
    words: Annotated[list[str], Field(max_length=5)] = [],  # noqa: B006 # pydantic copies it
    count: Annotated[int, Field(ge=1, le=9)] = 1,
    share: float = 0.5,
) -> str:
    """Repeat words."""
    return f"{' '.join(words)} {count} {share}"


async def told(arguments: str) -> str:
    (only,) = await Toolbox((note,), seconds=5, chars=2000, calls=1).run(
        (Call(id="1", name="note", arguments=arguments),), CONTEXT
    )
    assert only.failed == only.content.startswith("Error: ")
    only.content.encode()  # goes to an engine as it is
    return only.content


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("[" * 1000, "nested too deeply"),
        ('{"words": ' + "[" * 1000 + "]" * 1000 + "}", "nested too deeply"),
        ('{"words": ' * 1000 + "1" + "}" * 1000, "nested too deeply"),
        ('{"words": ["' + "x" * 10_000_000 + '"]}', "too long"),
        ('{"count": ' + "9" * 10_000 + "}", "not JSON"),
        ('{"count": 1e999}', "a number that is too large"),
        ('{"share": NaN}', "NaN, which is no number"),
        ('{"share": -Infinity}', "-Infinity, which is no number"),
        ('{"count": 1, "count": 2}', "name 'count' twice"),
        ('{"words": [{"a": 1, "a": 2}]}', "name 'a' twice"),
        ('{"words": ["\\ud800"]}', "half a character"),
        ('{"\\udfff": 1}', "half a character"),
        ('{"words": ["\ud800"]}', "half a character"),
        ('{"count": 10}', "count: Input should be less than or equal to 9"),
        ('{"count": 1.5}', "count: "),
        ('{"count": true, "words": {}}', "words: "),
        ('{"words": ["a", "b", "c", "d", "e", "f"]}', "words: List should have at most 5 items"),
        ('{"words": [null]}', "words.0: Input should be a valid string"),
        ("null", "arguments: Input should be a valid dictionary"),
        ('{"count": 1} {"count": 2}', "not JSON"),
        ("\0", "not JSON"),
        ('{"' + "key" * 1000 + '": 1}', "keykey"),
        ("{" + ", ".join(f'"k{n}": 1' for n in range(2000)) + "}", "k4: Extra inputs"),
    ],
)
async def test_arguments_that_cannot_be_used_say_why_and_cost_nothing(arguments: str, reason: str) -> None:
    begun = time.process_time()
    content = await told(arguments)
    assert content.startswith("Error: ")
    assert reason in content
    assert len(content) < 2000
    assert time.process_time() - begun < 0.5


async def test_brackets_in_strings_nest_nothing() -> None:
    assert (await told('{"words": ["' + "[{" * 100 + '", "\\"[[[[[[[[[[[[[[[[[[[["]}')).endswith("1 0.5")


async def test_arguments_as_long_as_they_may_be_are_read() -> None:
    frame = '{"words": [""]}'
    assert "x 1 0.5" in await told('{"words": ["' + "x" * 1900 + '"]}')
    longest = '{"words": ["' + "x" * (MOST_CHARS - len(frame)) + '"]}'
    assert (await told(longest)).startswith("xxx")
    assert "too long" in await told(longest + " ")


@given(st.text(max_size=80) | st.lists(st.none() | st.text()).map(json.dumps))
@settings(max_examples=40)
def test_whatever_is_written_as_arguments_is_carried_out_or_refused_with_a_reason(arguments: str) -> None:
    assert asyncio.run(told(arguments))


def test_calls_are_alike_however_their_arguments_are_written_but_not_if_they_differ() -> None:
    first = alike(Call(id="1", name="note", arguments='{"count": 1, "share": 0.5}'))
    assert first == alike(Call(id="2", name="note", arguments='{"share":0.5,  "count":1}'))
    assert first != alike(Call(id="3", name="note", arguments='{"count": 2, "share": 0.5}'))
    assert first != alike(Call(id="4", name="other", arguments='{"count": 1, "share": 0.5}'))
    assert alike(Call(id="5", name="note", arguments="")) == alike(Call(id="6", name="note", arguments="{}"))


async def bare(_context: CallContext) -> str:
    """Undeclared."""
    return ""


async def wordless(_context: CallContext) -> str:
    return ""


def blocking(_context: CallContext) -> str:
    """Not asynchronous."""
    return ""


async def untyped(_context: CallContext, what) -> str:  # pyright: ignore # what is wrong with it
    """Says nothing of its argument's type."""
    return what


async def anything(_context: CallContext, **what: str) -> str:
    """Takes anything."""
    return str(what)


async def numeric(_context: CallContext) -> int:
    """Returns no text."""
    return 1


def test_a_tool_that_declares_no_effect_is_refused_at_start() -> None:
    with pytest.raises(TypeError, match="declare it with @tool"):
        Toolbox((bare,), seconds=1, chars=1000, calls=1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="declare its effect"):
        tool(bare)(bare)  # pyright: ignore[reportArgumentType] # `@tool` without its parentheses, called


@pytest.mark.parametrize(
    ("function", "declared", "wrong"),
    [
        (wordless, {}, "needs a docstring"),
        (blocking, {}, "async function"),
        (bare, {"effect": Effect.WRITES, "beside": True}, "cannot run beside"),
        (bare, {"seconds": 0}, "more than 0 seconds"),
        (bare, {"seconds": float("nan")}, "more than 0 seconds"),
        (untyped, {}, "of what type what is"),
        (anything, {}, "name each of its arguments"),
        (numeric, {}, "return str"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused_at_start(
    function: object, declared: dict[str, object], wrong: str
) -> None:
    def start() -> None:
        made: AnyTool = Tool(run=function, **{"effect": Effect.READS, **declared})  # pyright: ignore
        Toolbox((made,), seconds=1, chars=1000, calls=1)

    with pytest.raises(TypeError, match=wrong):
        start()


def test_two_tools_of_one_name_are_refused_at_start() -> None:
    with pytest.raises(TypeError, match="one name"):
        Toolbox((note, note), seconds=1, chars=1000, calls=1)

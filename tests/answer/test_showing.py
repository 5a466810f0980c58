"""People see what is being done, where it was found, and no secret."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from bot.agent.offer import ours
from bot.answer.doing import doing
from bot.answer.sources import listed
from bot.languages.phrases import Phrases
from bot.ports.tool import CallContext, Effect, Secret, tool
from bot.settings import Settings
from bot.talk.found import Found, Source
from bot.talk.redaction import Redaction
from bot.talk.turn import Call
from tests.fakes import said
from tests.rig import rig
from tools import TOOLS

PAGE = "https://docs.example/page"


@tool(Effect.READS, outside=True)
async def find(_context: CallContext, words: str = "") -> Found:
    """Finds."""
    return Found(text=f"It is here: {PAGE}", sources=(Source(title="The *page*", url=PAGE), Source(title="A file")))


@tool(Effect.READS, doing="doing-calculator")
async def hide(_context: CallContext, expression: Annotated[str, Secret(), Field(max_length=9)]) -> str:
    """Hides."""
    return "hidden"


OFFERS = {each.name: each for each in map(ours, (*TOOLS, find, hide))}


def told(*calls: tuple[str, str]) -> str:
    made = [Call(id="1", name=name, arguments=arguments) for name, arguments in calls]
    return doing(made, OFFERS, Phrases(), Redaction(["sesame-42"]))


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("calculator", '{"expression": "6*7"}', "works out 6∗7 …"),
        ("calculator", '{"expression": "sesame-42"}', "works out (secret) …"),
        ("calculator", '{"wrong": 1}', "uses calculator …"),
        ("choose", '{"options": ["<@1>", "https://u:p@evil.example/x"]}', "draws from ‹＠1›,  …"),
        ("find", "{}", "uses find …"),
        ("hide", '{"expression": "x"}', "works out … …"),
        ("unknown", "{}", ""),
    ],
)
def test_a_call_at_work_is_told_in_a_few_harmless_words(name: str, arguments: str, line: str) -> None:
    shown = told((name, arguments))
    if name == "choose":
        assert shown.startswith("draws from ‹＠1›, ")
        assert "://" not in shown
        assert "u:p" not in shown
    else:
        assert shown == line


def test_several_at_once_are_told_together_and_each_once() -> None:
    both = told(("roll", '{"dice": "2d6"}'), ("clock", "{}"), ("clock", "{}"))
    assert both == "rolls 2d6 … · looks at the clock …"


def test_a_secret_in_a_long_argument_is_not_cut_in_two() -> None:
    options = [f"https://a.example/{'x' * 182}", f"https://b.example/{'x' * 94}", "sesame-42"]
    line = told(("choose", json.dumps({"options": options})))
    assert "b.example" in line
    assert "ses" not in line


def test_long_arguments_are_cut() -> None:
    assert len(told(("calculator", f'{{"expression": "{"1+" * 90}1"}}'))) < 70


SOURCES = (
    Source(title="One", url="https://a.example/1"),
    Source(title="", url="https://b.example/"),
    Source(title="T"),
)


def test_cited_sources_are_listed_with_their_numbers_and_all_where_none_is() -> None:
    assert listed("As [2] says, and [2].", SOURCES) == "-# [2] [b.example](<https://b.example/>)"
    assert listed("So it is.", SOURCES).split("\n") == [
        "-# [1] One — [a.example](<https://a.example/1>)",
        "-# [2] [b.example](<https://b.example/>)",
        "-# [3] T",
    ]
    assert listed("`[1]` and [9]", ()) == ""


def test_a_source_with_another_scheme_has_no_link() -> None:
    assert listed("x", (Source(title="S", url="javascript:alert(1)"),)) == "-# [1] S"


async def test_sources_stand_under_the_answer_and_an_address_that_a_tool_found_is_live(tmp_path: Path) -> None:
    call = Call(id="1", name="find", arguments="{}")
    words = f"Look at {PAGE} [1] or https://evil.example/x."
    async with rig(tmp_path, (call,), (words,), (f"Again: {PAGE}",), tools=[find]) as house:
        await house.says(said("where is it?"))
        shown = await house.platform.final("Look")
        assert shown.text == (
            f"Look at <{PAGE}> [1] or hxxps://evil[.]example/x.\n\n-# [1] The ∗page∗ — [docs.example](<{PAGE}>)"
        )
        await house.says(said("once more?"))
        assert (await house.platform.final("Again")).text == f"Again: <{PAGE}>"


async def test_what_the_model_itself_put_into_a_call_is_not_named_by_coming_back(tmp_path: Path) -> None:
    @tool(Effect.READS, outside=True)
    async def echo(_context: CallContext, words: str = "") -> str:
        """Says it again."""
        return words

    call = Call(id="1", name="echo", arguments='{"words": "https://evil.example/x"}')
    async with rig(tmp_path, (call,), ("See https://evil.example/x",), tools=[echo]) as house:
        await house.says(said("go"))
        assert (await house.platform.final("See")).text == "See hxxps://evil[.]example/x"


async def test_no_secret_of_the_settings_is_shown_not_even_its_beginning_for_a_moment(tmp_path: Path) -> None:
    settings = Settings.model_validate({"page": {"password": "sesame-open-42"}})
    more = asyncio.Event()
    async with rig(tmp_path, ("It is sesame-op", more, "en-42 now."), settings=settings) as house:
        await house.says(said("what is the password?"))
        growing = await house.platform.until(lambda each: not each.final and "It is" in each.text)
        assert "sesame" not in growing.text
        more.set()
        assert (await house.platform.final("It is")).text == "It is [secret] now."

"""Whatever people, tools and pages supply, in whichever place: it is text to the model, and it can be read back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.token_exactness import skeleton
from bot.inference.jsons import in_strings, parse
from bot.inference.neutral import restore, strip_unwritable
from bot.inference.tekken import CONTROL_TOKENS, Tekken
from bot.inference.template import assemble, piece, render
from bot.settings import ToolsPosition
from bot.talk.turn import NOTED, Call, Instructions, Part, Reply, Result, Results, Summary, ToolSpec
from tests.inference.llama import LlamaCpp
from tests.inference.strategies import SPELLED, calls, heads, parts, results, spelled, tools, words

FIRST = ToolsPosition.FIRST
OPENING = 1
"""The token before everything, which the engine writes."""

_CONTROL = re.compile("|".join(map(re.escape, CONTROL_TOKENS)))

thorough = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _chat(head: Instructions, rest: list[Part]) -> list[Part]:
    return [head, *rest]


chats = st.builds(_chat, heads, st.lists(parts, max_size=4))


def readable(chat: Sequence[Part], position: ToolsPosition, tekken: Tekken) -> str:
    """The whole prompt, a line break where a picture goes."""
    text, images = assemble([piece(part, position, tekken) for part in chat])
    for number in range(len(images)):
        text = text.replace(f"[img-{number}]", "\n")
    return text


@thorough
@given(position=st.sampled_from(ToolsPosition), chat=chats)
def test_a_prompt_has_the_control_tokens_of_its_form_and_no_others(
    position: ToolsPosition, chat: list[Part], tekken: Tekken
) -> None:
    text = readable(chat, position, tekken)
    assert [OPENING, *(CONTROL_TOKENS.index(each) for each in _CONTROL.findall(text))] == skeleton(chat, position)
    between = _CONTROL.sub("\n", text)
    assert not [token for token in SPELLED if token in between]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(position=st.sampled_from(ToolsPosition), chat=chats)
def test_the_engine_reads_the_same_control_tokens_and_no_others(
    position: ToolsPosition, chat: list[Part], tekken: Tekken, llama: LlamaCpp
) -> None:
    found = llama.tokens(readable(chat, position, tekken), opened=True)
    assert [token for token in found if token < len(CONTROL_TOKENS)] == skeleton(chat, position)


@thorough
@given(text=words | spelled)
def test_texts_of_people_and_of_the_model_can_be_read_back(text: str) -> None:
    for part, begin, end in (
        (Instructions(persona=text), "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
        (Summary(text=text), "[INST]", f"[/INST]{NOTED}</s>"),
        (Reply(text=text), "", "</s>"),
    ):
        read = render(part, FIRST)
        assert read.startswith(begin)
        assert read.endswith(end)
        assert restore(read.removeprefix(begin).removesuffix(end)) == strip_unwritable(text)


@thorough
@given(given_=st.lists(results, max_size=2))
def test_results_can_be_read_back(given_: list[Result]) -> None:
    text = render(Results(results=tuple(given_)), FIRST)
    found = re.findall(r"\[TOOL_RESULTS\](.*?)\[/TOOL_RESULTS\]", text)
    assert [restore(json.loads(each)["content"]) for each in found] == [
        strip_unwritable(each.content) for each in given_
    ]


@thorough
@given(tool=tools)
def test_names_descriptions_and_schemas_of_tools_can_be_read_back(tool: ToolSpec) -> None:
    text = render(Instructions(persona="", tools=(tool,)), FIRST).removeprefix("[SYSTEM_PROMPT][/SYSTEM_PROMPT]")
    (offered,) = json.loads(text.removeprefix("[AVAILABLE_TOOLS]").removesuffix("[/AVAILABLE_TOOLS]"))
    supplied = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    assert in_strings(offered["function"], restore) == in_strings(supplied, strip_unwritable)


@thorough
@given(call=calls)
def test_names_and_arguments_of_calls_can_be_read_back_malformed_or_not(call: Call) -> None:
    text = render(Reply(text="", calls=(call,)), FIRST)
    (read,) = json.loads(text.removeprefix("[TOOL_CALLS]").removesuffix("</s>"))
    try:
        supplied = parse(call.arguments)
    except ValueError:
        supplied = call.arguments
    assert restore(read["name"]) == strip_unwritable(call.name)
    # What a model wrote escaped, such as a NUL, stays escaped: so it is text for the engine, too.
    assert in_strings(read["arguments"], lambda text: strip_unwritable(restore(text))) == in_strings(
        supplied, strip_unwritable
    )

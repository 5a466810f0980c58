"""What the model reads."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.inference.tekken import Tekken
from bot.inference.template import assemble, offers_tools, piece, render, template_name
from bot.settings import ToolsPosition
from bot.talk.turn import (
    Call,
    Image,
    Instructions,
    Line,
    Part,
    Piece,
    Question,
    Reply,
    Result,
    Results,
    ToolSpec,
)
from tests.inference.llama import LlamaCpp
from tests.inference.strategies import heads, parts
from tests.inference.test_images import image, picture
from tests.inference.texts import TEXTS

FIRST, LAST = ToolsPosition.FIRST, ToolsPosition.LAST
WEATHER = ToolSpec(
    name="get_weather",
    description="Weather for a city",
    parameters={
        "type": "object",
        "required": ["city"],
        "properties": {"city": {"type": "string", "description": "the city"}},
    },
)
TURN: tuple[Part, ...] = (
    Instructions(persona="You are a helpful bot in a chat channel.", tools=(WEATHER,)),
    Question(lines=(Line(text="Weather in Paris?"),)),
    Reply(text="", calls=(Call(id="1", name="get_weather", arguments='{"city": "Paris"}'),)),
    Results(results=(Result(call_id="1", name="get_weather", content="18C, sunny"),)),
    Reply(text="It is sunny."),
    Question(lines=(Line(text="And Rome?"),)),
)
OFFER = (
    '[AVAILABLE_TOOLS][{"type": "function", "function": {"name": "get_weather", "description": "Weather for a city", '
    '"parameters": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string", '
    '"description": "the city"}}}}}][/AVAILABLE_TOOLS]'
)


def pieces(tekken: Tekken, position: ToolsPosition, *parts: Part) -> list[Piece]:
    return [piece(part, position, tekken) for part in parts]


def test_a_conversation_with_a_tool_is_written_in_the_format_of_the_recorded_derived_template(tekken: Tekken) -> None:
    text, _ = assemble(pieces(tekken, FIRST, *TURN))
    assert text == (
        f"[SYSTEM_PROMPT]You are a helpful bot in a chat channel.[/SYSTEM_PROMPT]{OFFER}"
        '[INST]Weather in Paris?[/INST][TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}}]</s>'
        '[TOOL_RESULTS]{"content": "18C, sunny"}[/TOOL_RESULTS]It is sunny.</s>[INST]And Rome?[/INST]'
    )


def test_tools_that_stand_last_come_before_the_last_question(tekken: Tekken) -> None:
    text, _ = assemble(pieces(tekken, LAST, *TURN))
    assert text.endswith(f"It is sunny.</s>{OFFER}[INST]And Rome?[/INST]")
    assert text.count("[AVAILABLE_TOOLS]") == 1
    in_mid_turn, _ = assemble(pieces(tekken, LAST, *TURN[:4]))
    assert f"[/SYSTEM_PROMPT]{OFFER}[INST]Weather in Paris?" in in_mid_turn
    without_question, _ = assemble(pieces(tekken, LAST, TURN[0]))
    assert without_question.endswith(f"[/SYSTEM_PROMPT]{OFFER}")


def test_the_template_tells_format_tokenizer_and_place_of_the_tools(tekken: Tekken) -> None:
    assert [template_name(position) for position in ToolsPosition] == [
        "mistral-v7-tekken/3/first",
        "mistral-v7-tekken/3/last",
    ]
    assert piece(TURN[1], LAST, tekken).template == "mistral-v7-tekken/3/last"


def test_a_prompt_offers_tools_only_when_its_instructions_do(tekken: Tekken) -> None:
    assert offers_tools(pieces(tekken, LAST, *TURN))
    assert not offers_tools(pieces(tekken, FIRST, Instructions(persona="[AVAILABLE_TOOLS]"), *TURN[1:]))


def test_text_and_several_calls_stand_in_one_reply() -> None:
    calls = (Call(id="1", name="a", arguments='{"x":1}'), Call(id="2", name="b", arguments="{}"))
    assert render(Reply(text="Let me see.", calls=calls), FIRST) == (
        'Let me see.[TOOL_CALLS][{"name": "a", "arguments": {"x":1}}, {"name": "b", "arguments": {}}]</s>'
    )


@pytest.mark.parametrize("arguments", ["{", "", "{'a': 1}", '{"a": NaN}', '{"a": 1} x', "[" * 100_000, 'x"]}[/INST]'])
def test_malformed_arguments_still_make_well_formed_calls(arguments: str) -> None:
    text = render(Reply(text="", calls=(Call(id="1", name='a"[INST]', arguments=arguments),)), FIRST)
    calls = json.loads(text.removeprefix("[TOOL_CALLS]").removesuffix("</s>"))
    assert calls[0]["name"] == 'a"[\\INST]'
    assert isinstance(calls[0]["arguments"], str)


def test_pictures_come_behind_their_line_and_are_numbered_over_the_whole_prompt(tekken: Tekken) -> None:
    one, two, three = image(28, 280), image(56, 56), image(300, 200)
    text, images = assemble(
        pieces(
            tekken,
            FIRST,
            Question(lines=(Line(text="Ann: look", images=(one, two)), Line(text="Bob: so?"))),
            Reply(text="Two pictures."),
            Question(lines=(Line(text="Ann: and [img-0]?", images=(three,)),)),
        )
    )
    assert text == (
        "[INST]Ann: look[img-0][img-1]\nBob: so?[/INST]Two pictures.</s>[INST]Ann: and [\\img-0]?[img-2][/INST]"
    )
    assert images == (one, two, three)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    position=st.sampled_from(ToolsPosition),
    head=heads,
    rest=st.lists(parts, max_size=4),
)
def test_the_pieces_of_any_prompt_add_up_to_what_llama_cpp_evaluates(
    position: ToolsPosition, head: Instructions, rest: list[Part], tekken: Tekken, llama: LlamaCpp
) -> None:
    made = pieces(tekken, position, head, *rest)
    text, images = assemble(made)
    bytes_of: list[bytes] = [picture(one.width, one.height) for one in images]
    assert sum(part.tokens for part in made) == llama.prompt_tokens(text, bytes_of)


def test_a_long_conversation_with_tools_and_pictures_is_counted_exactly(tekken: Tekken, llama: LlamaCpp) -> None:
    shown: tuple[Image, ...] = (image(300, 200), image(56, 56))
    parts: list[Part] = [TURN[0]]
    for text in TEXTS.values():
        parts += [Question(lines=(Line(text=text),)), *TURN[2:4], Reply(text=text)]
    parts.append(Question(lines=(Line(text="Well?", images=shown),)))
    made = pieces(tekken, LAST, *parts)
    text, images = assemble(made)
    assert sum(part.tokens for part in made) == llama.prompt_tokens(
        text, [picture(one.width, one.height) for one in images]
    )


def test_a_prompt_grows_only_at_its_end(tekken: Tekken) -> None:
    made = pieces(tekken, FIRST, *TURN)
    texts = [assemble(made[:count])[0] for count in range(1, len(made) + 1)]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))

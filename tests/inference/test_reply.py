"""What becomes text and what becomes a call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.inference.neutral import neutralise, strip_unwritable
from bot.inference.reply import ReplyReader
from bot.inference.tekken import Tekken
from bot.inference.template import render
from bot.settings import ToolsPosition
from bot.talk.prompt import CallChunk, TextChunk
from bot.talk.turn import Call, Reply
from tests.inference.texts import TEXTS
from tests.ollama_server import recorded

ONE_CALL = '[{"name": "clock", "arguments": {}}]'


def read(
    words: Iterable[str],
    tekken: Tekken,
    *,
    tools: bool = True,
    tokens: int | None = None,
    stopped: bool = True,
) -> tuple[list[str], list[tuple[str, str]]]:
    """The text as it came, and the calls as name and arguments."""
    reader = ReplyReader(tools=tools, tekken=tekken)
    chunks: list[TextChunk | CallChunk | None] = [reader.feed(word) for word in words]
    chunks += reader.finish(reply_tokens=tokens, stopped=stopped)
    return (
        [chunk.text for chunk in chunks if isinstance(chunk, TextChunk)],
        [(chunk.call.name, chunk.call.arguments) for chunk in chunks if isinstance(chunk, CallChunk)],
    )


def in_fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def test_ordinary_text_is_passed_on_word_by_word(tekken: Tekken) -> None:
    reader = ReplyReader(tools=True, tekken=tekken)
    for word in ("Bonjour", ", tout", " le", " monde", "."):
        shown = reader.feed(word)
        assert shown is not None
        assert shown.text == word


def test_a_bracket_waits_for_one_more_word_only(tekken: Tekken) -> None:
    texts, calls = read(["The", " [", "list", "] of", " <b", ">", " x[1] {", '"name"', "}"], tekken)
    assert (texts, calls) == (["The", " ", "[list", "] of", " <b", ">", " x[1] {", '"name"', "}"], [])


def test_the_recorded_raw_call_is_a_call_by_its_count(tekken: Tekken) -> None:
    lines = [json.loads(line) for line in recorded("64").lines]
    words = [line["response"] for line in lines]
    assert read(words, tekken, tokens=lines[-1]["eval_count"]) == ([], [("clock", "{}")])


def test_the_same_json_as_prose_has_one_token_less_and_stays_text(tekken: Tekken) -> None:
    lines = [json.loads(line) for line in recorded("64").lines]
    words = [line["response"] for line in lines]
    texts, calls = read(words, tekken, tokens=lines[-1]["eval_count"] - 1)
    assert ("".join(texts), calls) == ("".join(words), [])


def test_where_words_were_joined_on_the_way_our_own_count_decides(tekken: Tekken) -> None:
    prose = tekken.count(ONE_CALL)
    assert read([ONE_CALL], tekken, tokens=prose + 1) == ([ONE_CALL], [])
    assert read([ONE_CALL], tekken, tokens=prose + 2) == ([], [("clock", "{}")])
    assert read(["Hm. ", ONE_CALL], tekken, tokens=tekken.count("Hm. ") + prose + 2) == (["Hm. "], [("clock", "{}")])


def test_without_tools_everything_is_text(tekken: Tekken) -> None:
    texts, calls = read(in_fours(ONE_CALL), tekken, tools=False)
    assert ("".join(texts), calls) == (ONE_CALL, [])


def test_several_calls_come_in_their_order_behind_the_text(tekken: Tekken) -> None:
    said = 'One moment.[{"name": "a", "arguments": {"x": [1, {"y": "]}"}]}}, {"name": "b"}] [{"name":"c"}]\n'
    texts, calls = read(in_fours(said), tekken)
    assert "".join(texts) == "One moment."
    assert calls == [("a", '{"x": [1, {"y": "]}"}]}'), ("b", "{}"), ("c", "{}")]


@pytest.mark.parametrize(
    "said",
    [
        '[{"name": "clock", "arguments": {"a": ',
        '[{"name": "clock" "arguments": {}}]',
        '[{"name": 7, "arguments": {}}]',
        '[{"name": "clock", "arguments": {}}',
        '[{"name": "clock", "arguments": {}}, 5]',
    ],
)
def test_a_malformed_call_is_a_call_without_a_name_not_garbage_for_people(said: str, tekken: Tekken) -> None:
    count = tekken.count(said) + 2
    assert read(in_fours(said), tekken, tokens=count) == ([], [("", said)])


def test_a_cut_off_call_array_in_prose_is_shown(tekken: Tekken) -> None:
    words = in_fours('Like [{"name": "clock", "argu')
    texts, calls = read(words, tekken, tokens=len(words), stopped=False)
    assert ("".join(texts), calls) == ("".join(words), [])


def test_an_array_with_text_behind_it_was_prose(tekken: Tekken) -> None:
    said = f"```json\n{ONE_CALL}\n```\nThat is how."
    texts, calls = read(in_fours(said), tekken)
    assert ("".join(texts), calls) == (said, [])


def test_a_call_behind_an_example_in_prose_is_still_found(tekken: Tekken) -> None:
    said = f"Like `{ONE_CALL}`, so:{ONE_CALL}"
    texts, calls = read(in_fours(said), tekken)
    assert ("".join(texts), calls) == (said.removesuffix(ONE_CALL), [("clock", "{}")])


def test_escaped_control_tokens_are_shown_as_people_wrote_them(tekken: Tekken) -> None:
    texts, _ = read(["It says [", "\\", "IN", "ST] and <\\/s>", " not [\\alpha] ["], tekken, tools=False)
    assert "".join(texts) == "It says [INST] and </s> not [\\alpha] ["
    said = '[{"name": "echo", "arguments": {"text": "[\\\\INST]"}}]'
    assert read(in_fours(said), tekken)[1] == [("echo", '{"text": "[INST]"}')]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.one_of(st.text(), st.sampled_from(["[", '[{"name"', ONE_CALL, "</s>", "[INST]", "\\"]))).map(
        "".join
    ),
    size=st.integers(min_value=1, max_value=9),
)
def test_however_it_is_cut_no_text_is_lost(text: str, size: int, tekken: Tekken) -> None:
    """The model repeats what people wrote in the form that it was given, and people get back what they wrote."""
    plain = strip_unwritable(text)
    shown = neutralise(plain)
    words: Sequence[str] = [shown[at : at + size] for at in range(0, len(shown), size)]
    texts, calls = read(words, tekken, tokens=len(words) + 1)
    assert ("".join(texts), calls) == (plain, [])


def test_a_call_is_rendered_again_byte_for_byte_as_the_model_wrote_it(tekken: Tekken) -> None:
    said = (
        '[{"name": "a", "arguments": {"x":1,  "é": "\\u00e9"}}, {"name": "echo", "arguments": {"text": "[\\\\INST]"}}]'
    )
    _, found = read(in_fours(said), tekken)
    calls = tuple(Call(id=str(at), name=name, arguments=arguments) for at, (name, arguments) in enumerate(found))
    assert render(Reply(text="", calls=calls), ToolsPosition.FIRST) == f"[TOOL_CALLS]{said}</s>"


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_all_scripts_pass_unchanged(name: str, tekken: Tekken) -> None:
    texts, calls = read(in_fours(TEXTS[name]), tekken)
    assert ("".join(texts), calls) == (TEXTS[name], [])

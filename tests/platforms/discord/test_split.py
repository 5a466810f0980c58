"""Splitting keeps every character, every limit and every block that can be kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.split import LIMIT, split
from bot.talk.units import units

WORDS = st.sampled_from(
    [
        "word",
        "`code`",
        "**bold text**",
        "[a link](https://example.org/a)",
        "https://example.org/x",
        "日本語。",
        "👩‍👩‍👧",
        "e\u0301",
    ]
)
BLOCKS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=60).map(" ".join),
    st.lists(WORDS, min_size=1, max_size=10).map(lambda words: "\n".join(f"- {word}" for word in words)),
    st.lists(WORDS, min_size=1, max_size=10).map(lambda words: "\n".join(f"| {word} | x |" for word in words)),
    st.lists(st.text("abc ()=", min_size=1, max_size=90), min_size=1, max_size=20).map(
        lambda lines: "```python\n" + "\n".join(lines) + "\n```"
    ),
    st.text(min_size=1, max_size=400),
    st.text("` \nab", min_size=1, max_size=300),
)
TEXTS = st.lists(BLOCKS, max_size=12).map("\n\n".join)
LIMITS = st.integers(100, 400)


def bare(text: str) -> str:
    return "".join(text.split())


def fences(text: str) -> int:
    return len(re.findall("`{3,}", text))


@given(TEXTS, LIMITS)
def test_no_message_is_over_the_limit_or_blank(text: str, limit: int) -> None:
    for chunk in split(text, limit=limit):
        assert units(chunk.text) <= limit
        assert chunk.text.strip()


@given(TEXTS, LIMITS)
def test_nothing_but_whitespace_is_lost_and_nothing_is_reordered(text: str, limit: int) -> None:
    assert bare("".join(chunk.body for chunk in split(text, limit=limit))) == bare(text)


@given(TEXTS, LIMITS)
def test_code_blocks_are_balanced_in_every_message(text: str, limit: int) -> None:
    for chunk in split(text, limit=limit):
        assert fences(chunk.text) % 2 == 0


@given(TEXTS, LIMITS, st.data())
def test_full_messages_never_change_while_the_text_grows(text: str, limit: int, data: st.DataObject) -> None:
    early = split(text[: data.draw(st.integers(0, len(text)))], limit=limit)
    late = split(text, limit=limit)
    assert late[: max(0, len(early) - 1)] == early[:-1]


def test_a_short_text_is_one_message_as_it_is() -> None:
    assert [chunk.text for chunk in split("Hello **you**.\n\n- a\n- b")] == ["Hello **you**.\n\n- a\n- b"]


def test_an_empty_or_blank_text_is_no_message() -> None:
    assert split("") == []
    assert split(" \n\n\t") == []


def test_a_text_of_exactly_the_limit_less_the_reserve_is_one_message() -> None:
    assert len(split("x" * (LIMIT - 4))) == 1
    assert len(split("x" * (LIMIT + 1))) == 2


def test_emoji_count_double_to_be_safe() -> None:
    assert all(units(chunk.text) <= LIMIT for chunk in split("🏖" * 1900))


def test_a_cut_code_block_is_closed_and_reopened_with_its_language() -> None:
    code = "\n".join(f"print({number})" for number in range(300))
    chunks = [chunk.text for chunk in split(f"Look:\n\n```python\n{code}\n```\nDone.")]
    assert len(chunks) > 1
    assert all(chunk.endswith("\n```") for chunk in chunks[:-1])
    assert all(chunk.startswith("```python\nprint(") for chunk in chunks[1:])
    assert chunks[-1].endswith("\n```\nDone.")


def test_indentation_survives_a_cut_inside_code() -> None:
    code = "\n".join(f"    step_{number}()" for number in range(300))
    chunks = split(f"```python\ndef run():\n{code}\n```")
    assert all(chunk.body.startswith("    step_") for chunk in chunks[1:])


def test_a_code_block_that_fits_a_message_is_not_cut() -> None:
    block = "```js\n" + "\n".join("let x = 1;" for _ in range(80)) + "\n```"
    chunks = [chunk.text for chunk in split("word " * 300 + "\n\n" + block)]
    assert chunks[-1] == block


def test_list_items_and_table_rows_stay_whole() -> None:
    items = [f"- item {number} " + "of a list " * 5 for number in range(60)]
    for chunk in split("\n".join(items)):
        assert all(line.strip() in {item.strip() for item in items} for line in chunk.body.splitlines())
    rows = [f"| row {number} | " + "cell " * 8 + "|" for number in range(80)]
    for chunk in split("\n".join(rows)):
        assert all(line in rows for line in chunk.body.splitlines())


@pytest.mark.parametrize(
    "whole",
    [
        "[a long title of a link](https://example.org/path/to/page?with=query)",
        "`some inline code here`",
        "**very bold**",
    ],
)
def test_links_inline_code_and_bold_stay_whole_wherever_the_cut_falls(whole: str) -> None:
    for lead in range(1900, 2000, 7):
        text = ("ab " * 700)[:lead] + " " + whole + " and so on" * 20
        assert any(whole in chunk.text for chunk in split(text)), lead


def test_words_stay_whole_in_a_paragraph_without_line_ends() -> None:
    words = [f"word{number}" for number in range(1000)]
    assert [word for chunk in split(" ".join(words)) for word in chunk.text.split()] == words


def test_a_visible_character_is_not_torn_apart() -> None:
    family = "👩‍👩‍👧‍👦"
    for chunk in split(family * 400):
        assert chunk.text.replace(family, "") == ""


def test_a_limit_too_small_to_split_to_is_refused() -> None:
    with pytest.raises(ValueError, match="100"):
        split("x", limit=10)


def test_the_first_message_can_be_given_less_room() -> None:
    chunks = split("word " * 1000, first=500)
    assert units(chunks[0].text) <= 500 < units(chunks[1].text)

"""A text that is taken apart can be put together again, and holds its marks apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translate.judging import Damaged, marked, missing, restored
from bot.translate.protecting import taken_apart

PIECES = st.sampled_from(
    [
        "word",
        "two words",
        "**",
        "*",
        "_",
        "__",
        "~~",
        "",
        "",
        "> ",
        "- ",
        "\n",
        "\n\n",
        "`code`",
        "```\nblock\n```",
        "<@1>",
        "<@&2>",
        "<#3>",
        "<a:wave:4>",
        "<t:5:R>",
        ":smile:",
        "😀",
        "https://a.example/(b)",
        "[label](https://b.example)",
        "@everyone",
        "@Ana",
        "#general",
        "v1.2.3",
        "file_name.txt",
        "/etc/hosts",
        "<x1/>",
        "\\*",
        "12",
        "日本語",
        "שלום",
        " ",
        "  ",
        ".",
        "!",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)


@given(TEXTS)
def test_the_lines_joined_are_the_text(text: str):
    assert "\n".join(line.whole for line in taken_apart(text)) == text


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_a_line_that_comes_back_as_it_went_is_the_same_line_or_is_not_taken(text: str):
    for line in taken_apart(text):
        if line.wordless:
            continue
        try:
            whole = restored(marked(line, 1), line, 1)
        except Damaged:
            continue
        assert whole.replace(" ", "") == line.whole.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "**bold** and *slanted* and __both__",
        "see [the docs](https://a.example) now",
        "> quoted ||hidden|| words",
        "run `a b` with <@1> at <t:1:R>",
        "look at /etc/hosts and v1.2.3 and 0x80070005",
    ],
)
def test_an_ordinary_line_comes_back_as_it_went(text: str):
    (line,) = taken_apart(text)
    assert restored(marked(line, 1), line, 1) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ask @Ana in #help", ["@Ana", "#help"]),
        ("error 0x80070005 in app_main.py", ["0x80070005", "app_main.py"]),
        ("use v1.2.3 of lib-ssl3", ["v1.2.3", "lib-ssl3"]),
        ("we say and/or e-mail 3rd", []),
        ("write <x3/> down", ["<x3/>"]),
    ],
)
def test_what_is_the_same_in_every_language_is_kept(text: str, kept: list[str]):
    assert [each.text for line in taken_apart(text) for each in line.kept] == kept


@pytest.mark.parametrize(
    ("source", "words", "lost"),
    [
        ("1,250 coins", "1.250 Münzen", False),
        ("1 250 pièces", "1,250 coins", False),
        ("20 files", "zwanzig Dateien", True),
        ("20 files", "٢٠ ملفا", False),
        ("3 files", "drei Dateien", False),
        ("10 or 20", "20 o 10", False),
    ],
)
def test_numbers_may_be_written_otherwise_but_not_go(source: str, words: str, lost: bool):
    assert missing(words, source) is lost

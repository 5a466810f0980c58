"""Names of files are made harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.names import MAX_CHARS, ending, plain_name, shown_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("a\r\nb\0.txt", "a b .txt"),
        ("gpj\u202egnp.exe", "gpj gnp.exe"),
        ("", "attachment"),
        ("///", "attachment"),
        ("日本語.pdf", "日本語.pdf"),
    ],
)
def test_a_name_loses_folders_and_invisible_characters(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_long_name_keeps_its_ending() -> None:
    short = plain_name("x" * 5000 + ".tar.gz")
    assert len(short) == MAX_CHARS
    assert short.endswith(".tar.gz")


def test_a_name_in_a_sentence_is_code_that_it_cannot_leave() -> None:
    assert shown_name("**@everyone** `](http://evil.example)") == "`evil.example)`"
    assert shown_name("a`b`.png") == "`a'b'.png`"


@given(st.text())
def test_every_name_becomes_one_short_visible_line(name: str) -> None:
    plain = plain_name(name)
    assert 1 <= len(plain) <= MAX_CHARS
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in plain)
    assert shown_name(name).count("`") == 2
    assert ending(name) == ending(plain)

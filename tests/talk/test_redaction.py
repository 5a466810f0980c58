"""No secret is readable in a text that went through, also where it is written in another way."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.redaction import SECRET, Redaction

TOKEN = "MTk4NjIy.Cl2FMQ/x+y=z"
REDACT = Redaction([TOKEN, "sesame-42", "abc"])


@pytest.mark.parametrize(
    "written",
    [
        TOKEN,
        TOKEN.upper(),
        TOKEN[::-1],
        quote(TOKEN, safe=""),
        TOKEN.encode().hex(),
        "".join(f"%{byte:02X}" for byte in TOKEN.encode()),
    ],
)
def test_each_writing_is_taken_out(written: str) -> None:
    assert REDACT(f"it is {written}, yes") == f"it is {SECRET}, yes"


@given(st.binary(max_size=7), st.binary(max_size=7), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
def test_inside_of_what_was_encoded_it_is_found(before: bytes, after: bytes, encode: Callable[[bytes], bytes]) -> None:
    coded = encode(before + TOKEN.encode() + after).decode()
    assert REDACT.found_in(coded)
    assert SECRET in REDACT(coded)


def test_short_ones_are_left_alone() -> None:
    assert REDACT("abc abcdef") == "abc abcdef"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_moment_of_a_growing_text_shows_a_beginning_of_it(before: str, after: str) -> None:
    text = f"{before}{TOKEN}{after}"
    for end in range(len(text) + 1):
        grown = text[:end]
        shown = REDACT(grown[: len(grown) - REDACT.unclear(grown)])
        assert TOKEN[:4] not in shown or TOKEN[:4] in before + after


def test_values_of_any_depth_are_looked_through() -> None:
    assert REDACT.within({"a": [f"x{TOKEN}", {TOKEN: 1}], "b": 2.5, "c": None}) == {
        "a": [f"x{SECRET}", {SECRET: 1}],
        "b": 2.5,
        "c": None,
    }


def test_a_long_secret_is_found_in_all_its_stretches() -> None:
    secret = "".join(chr(97 + at * 7 % 26) + str(at) for at in range(300))
    assert "".join(Redaction([secret])(secret).split(SECRET)) == ""

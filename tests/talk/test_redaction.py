"""No secret is readable in a text that went through, also where it is written in another way."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote

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


def encoded(text: str, times: Sequence[int]) -> str:
    """Each character percent-encoded so many times."""
    return "".join(
        f"%{'25' * (often - 1)}{ord(character):02x}" if often else character
        for character, often in zip(text, times, strict=True)
    )


OFTEN = st.lists(st.integers(0, 3), min_size=len(TOKEN), max_size=len(TOKEN))


@given(OFTEN)
def test_it_is_taken_out_where_a_part_is_percent_encoded_or_that_again(times: list[int]) -> None:
    assert REDACT(f"it is {encoded(TOKEN, times)}, 100%!") == f"it is {SECRET}, 100%!"


@given(st.lists(st.sets(st.integers(0, 200), max_size=12), max_size=2), st.floats(0, 1))
def test_what_is_encoded_again_in_part_is_taken_out_and_never_begun(rounds: list[set[int]], share: float) -> None:
    coded = encoded(TOKEN, [1] * len(TOKEN))
    for some in rounds:
        coded = "".join(f"%{ord(each):02x}" if at in some else each for at, each in enumerate(coded))
    assert REDACT(f"it is {coded}, 100%!") == f"it is {SECRET}, 100%!"
    grown = f"it is {coded} end"[: round(share * len(coded)) + 6]
    shown = REDACT(grown[: len(grown) - REDACT.unclear(grown)])
    assert TOKEN[:4] not in unquote(unquote(unquote(shown)))


def test_a_digit_of_an_encoded_digit_may_be_encoded() -> None:
    assert REDACT("https://evil.example/sesame-4%3%32") == f"https://evil.example/{SECRET}"


@given(OFTEN, st.sampled_from(["", "%", "100%2", "x%25"]), st.floats(0, 1))
def test_no_moment_of_a_growing_text_shows_a_beginning_of_one_that_is_encoded(
    times: list[int], before: str, share: float
) -> None:
    text = f"{before}{encoded(TOKEN, times)} end"
    grown = text[: round(share * len(text))]
    shown = REDACT(grown[: len(grown) - REDACT.unclear(grown)])
    assert TOKEN[:4] not in unquote(unquote(unquote(shown)))


@pytest.mark.parametrize("secret", ["harbour-6b6", "mum-and-mum", "aaaaaaaa"])
def test_a_whole_one_that_ends_as_another_writing_begins_is_not_cut_in_two(secret: str) -> None:
    redact = Redaction([secret])
    grown = f"it is {secret}"
    shown = grown[: len(grown) - redact.unclear(grown)]
    assert secret[:4] not in redact(shown)


@given(st.integers(0, 40))
def test_no_cut_leaves_a_part_of_a_whole_one(at: int) -> None:
    for text in (f"it is {TOKEN} here", f"it is {TOKEN.replace('l', '%6c')} here"):
        cut = REDACT.outside(text, min(at, len(text)))
        assert TOKEN[:3] not in unquote(REDACT(text[:cut]))
        assert cut <= at


def test_values_of_any_depth_are_looked_through() -> None:
    assert REDACT.within({"a": [f"x{TOKEN}", {TOKEN: 1}], "b": 2.5, "c": None}) == {
        "a": [f"x{SECRET}", {SECRET: 1}],
        "b": 2.5,
        "c": None,
    }


def test_a_long_secret_is_found_in_all_its_stretches() -> None:
    secret = "".join(chr(97 + at * 7 % 26) + str(at) for at in range(300))
    assert "".join(Redaction([secret])(secret).split(SECRET)) == ""

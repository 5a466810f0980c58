"""No secret is readable in a text that went through, also where it is written in another way."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.redaction import SECRET, WIDEST, Redaction

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


@given(st.text(max_size=30), st.text(max_size=30), st.floats(0, 1))
def test_no_moment_of_a_growing_text_shows_a_beginning_of_it(before: str, after: str, share: float) -> None:
    text = f"{before}{TOKEN}{after}"
    grown = text[: round(share * len(text))]
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


def codes(text: str, rounds: Sequence[Callable[[int], str]]) -> str:
    """Each character written so, and all of that again."""
    for write in rounds:
        text = "".join(write(ord(each)) for each in text)
    return text


WRITTEN: dict[str, Callable[[int], str]] = {
    "percent": lambda code: f"%{code:02x}",
    "percent of percent": lambda code: f"%25{code:02X}",
    "entity": lambda code: f"&#{code};",
    "entity of an ampersand": lambda code: f"&amp;#x{code:x};",
    "json": lambda code: f"\\u{code:04x}",
    "javascript": lambda code: f"\\u{{{code:x}}}",
    "octal": lambda code: f"\\{code:03o}",
    "c": lambda code: f"\\x{code:02x}",
    "itself": chr,
}
WAYS = sorted(WRITTEN)


@settings(deadline=None)
@given(st.integers(0), st.lists(st.sampled_from(WAYS), max_size=2), st.floats(0, 1))
def test_escapes_of_any_kind_and_depth_are_undone_and_no_beginning_is_shown(
    seed: int, again: list[str], share: float
) -> None:
    first = Random(seed).choices(WAYS, k=len(TOKEN))
    each = [
        codes(WRITTEN[way](ord(one)), [WRITTEN[way] for way in again]) for way, one in zip(first, TOKEN, strict=True)
    ]
    coded = "".join(each)
    assert REDACT(f"it is {coded} yes") == f"it is {SECRET} yes"
    grown = f"it is {coded}"[: round(share * len(coded)) + 6]
    shown = grown[: len(grown) - REDACT.unclear(grown)]
    if len(coded) <= WIDEST * len(TOKEN):
        assert len(shown) <= len("".join(("it is ", *each[:3]))) or shown == f"it is {coded}"


def styled(letters: str, begins: int) -> dict[int, str]:
    return {ord(each): chr(begins + at) for at, each in enumerate(letters)}


LOWER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
STYLES = (
    {},
    styled("".join(map(chr, range(0x21, 0x7F))), 0xFF01),  # full width
    styled(LOWER, 0x1D41A) | styled(DIGITS, 0x1D7CE),  # bold
    styled(LOWER, 0x24D0),  # circled
    styled(LOWER, 0x1F170),  # on black squares
    styled("".join(map(chr, range(0x20, 0x7F))), 0xE0020),  # not seen at all
    styled("aeo", 0x430) | {ord("e"): "\u0435", ord("o"): "\u043e"},  # Cyrillic
    {ord("a"): "\u00e4", ord("e"): "e\u0301"},
)
BETWEEN = ("", " ", "\u200b", "\u00ad", "**", "`", "\n", " - ", "_\u2060", "||", ", ", "\u3164")


@settings(deadline=None)
@given(
    st.sampled_from([TOKEN, TOKEN[::-1], TOKEN.encode().hex(), " ".join(str(ord(each)) for each in TOKEN)]),
    st.integers(0),
    st.floats(0, 1),
)
def test_it_is_seen_in_letters_of_any_style_with_anything_between_them(secret: str, seed: int, share: float) -> None:
    random = Random(seed)
    spelled = "".join(each.translate(random.choice(STYLES)) + random.choice(BETWEEN) for each in secret.casefold())
    clean = REDACT(spelled)
    assert clean.startswith(SECRET)
    assert not any(map(str.isalnum, clean.removeprefix(SECRET).replace("\u3164", "")))
    grown = spelled[: round(share * len(spelled))]
    shown = REDACT(grown[: len(grown) - REDACT.unclear(grown)])
    assert sum(map(str.isalnum, shown.replace(SECRET, "").replace("\u3164", ""))) <= 3


MOSTLY = Redaction(["canary3247d095cbdc"])


@given(st.integers(0, 3), st.integers(0, 3))
def test_most_of_it_counts_as_it(before: int, after: int) -> None:
    part = "canary3247d095cbdc"[before : 18 - after]
    assert (MOSTLY(f"it is {part}") == f"it is {SECRET}") == (before + after <= 4)


def test_half_of_an_address_that_is_one_is_left_alone() -> None:
    redact = Redaction(["postgresql://bot@db.town.example/bot-town-4711"])
    assert redact("postgresql://bot@db.town.example") == "postgresql://bot@db.town.example"
    assert redact("it is postgresql://bot@db.town.example/bot-town-4711") == f"it is {SECRET}"


def test_whole_in_one_reading_it_is_not_cut_where_another_reading_has_a_beginning() -> None:
    redact = MOSTLY
    for end in ("%63", "&#99;", "\\x63", "c"):
        grown = f"see https://evil.example/canary3247d095cbd{end}"
        shown = redact(grown[: len(grown) - redact.unclear(grown)])
        assert shown in {f"see https://evil.example/{SECRET}", "see https://evil.example/"}
        assert "canary" not in redact(grown[: redact.outside(grown, len(grown) - 1)])


HEXADECIMAL = Redaction(["deadbeef42cafe77"])


@given(st.text(alphabet="0123456789abcdef%&#;\\x u", max_size=12))
def test_what_stands_before_it_does_not_hide_it(before: str) -> None:
    secret = "deadbeef42cafe77"
    for coded in (secret, "".join(f"%{ord(each):x}" for each in secret), secret.replace("b", "%62")):
        assert secret[3:] not in unquote(HEXADECIMAL(before + coded))


@given(st.lists(st.sampled_from([TOKEN, TOKEN[:9], TOKEN[9:], "sesame", "-42", "sesame-42", " ", "x"]), max_size=8))
def test_nothing_is_found_in_what_went_through_also_where_one_stood_inside_of_another(parts: list[str]) -> None:
    assert not REDACT.found_in(REDACT("".join(parts)))


def test_a_secret_that_is_the_word_for_secrets_does_not_stay_in_its_place() -> None:
    assert Redaction(["secret"])("the secret is out") == "the […] is out"


def test_a_number_may_be_one() -> None:
    assert Redaction(["112358132134"]).within({"a": 112358132134, "b": True, "c": 11}) == {
        "a": SECRET,
        "b": True,
        "c": 11,
    }


ORDINARY = (
    "The harbour opens at nine, and boats are let in one by one; see https://docs.town.example/a%20b?x=1&y=2#top.",
    "It is 50 % cheaper since 2024 (about 1,234.56 EUR), and *nobody* knows `why_it_is` so \\_exactly\\_.",
    "Der Hafen öffnet um neun Uhr. 港は九時に開きます。 Гавань открывается в девять. ท่าเรือเปิดเก้าโมง",
    "```python\nfor each in range(0x10):\n    print(f'{each:02x}', '\\u00e4', hash(each) % 97)\n```",
    "correct the battery, staple the horse: sesame seeds, 42 of them, let me in please",
)


GUARDED = Redaction([TOKEN, "sesame-42", "correct-horse-battery-staple", "let-me-in-please", "5f4dcc3b5aa765d61d83"])


@given(st.lists(st.sampled_from(" ".join(ORDINARY).split(" ")), max_size=60), st.floats(0, 1))
def test_ordinary_words_stay_and_at_most_a_few_characters_wait(words: list[str], share: float) -> None:
    redact = GUARDED
    text = " ".join(words)
    assert redact(text) == text
    grown = text[: round(share * len(text))]
    assert redact.unclear(grown) <= 24

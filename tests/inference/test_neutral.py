"""Text of people is text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.inference.neutral import LONGEST_RUN, MARKS, break_runs, harmless, neutralise, restore, strip_unwritable
from bot.inference.tekken import CONTROL_TOKENS, Tekken
from tests.inference.llama import LlamaCpp
from tests.inference.texts import TEXTS

SPELLED = [*CONTROL_TOKENS[:30], "<SPECIAL_12>", "<SPECIAL_999>", "[img-0]", "[img-12]", *MARKS]
spelled = st.sampled_from(SPELLED)
hostile = st.lists(
    st.one_of(
        spelled, st.sampled_from(["[", "<", "\\", "]", ">", "/", "INST]", "s>", "\0", "\ufdd0", "\ud800"]), st.text()
    ),
).map("".join)


@settings(deadline=None)
@given(text=hostile)
def test_what_was_made_harmless_can_be_read_back_as_it_was(text: str) -> None:
    assert restore(neutralise(text)) == strip_unwritable(text)


@settings(deadline=None)
@given(text=hostile)
def test_nothing_spells_a_control_token_or_a_picture_mark_any_more(text: str) -> None:
    made = harmless(text)
    assert not [token for token in SPELLED if token in made]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_the_engine_finds_no_control_token_in_it_and_counts_what_we_count(
    text: str, tekken: Tekken, llama: LlamaCpp
) -> None:
    made = harmless(text)
    found = llama.tokens(made)
    assert all(token >= len(CONTROL_TOKENS) for token in found)
    assert tekken.count(made) == tekken.count_rendered(made) == len(found)


def test_every_control_token_stays_readable_with_a_backslash() -> None:
    for token in CONTROL_TOKENS:
        assert neutralise(f"say {token}!") == f"say {token[0]}\\{token[1:]}!"


@pytest.mark.parametrize("name", TEXTS)
def test_ordinary_text_is_left_alone(name: str) -> None:
    assert harmless(TEXTS[name]) == TEXTS[name]


def test_nul_lone_surrogates_and_noncharacters_are_taken_out_before_anything_is_looked_for() -> None:
    assert neutralise("a\0b\ud83dc\ufdd0d\ufdd1e\ufdeff\ufffeg\U0010ffffh") == "abcdefgh"
    assert neutralise("[IN\0ST]<\ufdd0/s>") == "[\\INST]<\\/s>"
    assert harmless((" \0" * LONGEST_RUN) * 2) == " " * LONGEST_RUN


RUNS = {
    "letters": "a" * 100_000,
    "capitals": "A" * 100_000,
    "ideographs": "海" * 100_000,
    "marks": "\u0301" * 100_000,
    "signs": "=" * 100_000,
    "spaces": " " * 100_000,
    "wide spaces": "\u3000" * 100_000,
    "lines": "\n" * 100_000,
    "slashes and lines": "/\n" * 50_000,
    "control characters": "\x1c!" * 50_000,
    "mixed letters": "é漢" * 50_000,
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_would_crash_llama_cpp_is_broken_up(name: str, tekken: Tekken, llama: LlamaCpp) -> None:
    made = harmless(RUNS[name])
    assert tekken.count(made) == len(llama.tokens(made))


def test_breaking_a_long_word_keeps_all_of_it() -> None:
    assert break_runs("a" * (LONGEST_RUN + 1)) == "a" * LONGEST_RUN + "\n  a"
    assert break_runs("a" * LONGEST_RUN + " b") == "a" * LONGEST_RUN + " b"
    assert break_runs("x" * 4000) == "x" * 4000

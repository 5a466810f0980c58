"""How a copy looks: whatever somebody is called or writes, it calls nobody and has no effect."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.languages.phrases import Phrases
from bot.mirror.words import TITLE, head, inert, lead, plain, shown, title
from bot.talk.mirror import Carried

CALLS = re.compile(r"@(everyone|here)\b|<[@#]", re.IGNORECASE)
HOSTILE = st.text(st.sampled_from("@everyonehere<#&!>:*_~`|[]()\\ \nA1"), max_size=60)


@given(HOSTILE, HOSTILE)
def test_nothing_in_it_calls_anybody(name: str, text: str) -> None:
    assert CALLS.search(shown(Carried(name=name, text=text, files=(name,)), text)) is None


@given(HOSTILE)
def test_nothing_in_a_title_calls_anybody(text: str) -> None:
    assert CALLS.search(head(text)) is None


@given(st.text(max_size=300))
def test_a_title_is_one_line_that_the_platform_takes_and_a_short_one_stays_as_it_is(text: str) -> None:
    made = title(text)
    assert 1 <= len(made.encode("utf-16-le")) // 2 <= TITLE
    assert made == " ".join(made.split())
    line = " ".join(text.split())
    assert made == line or not line or len(line.encode("utf-16-le")) // 2 > TITLE


@given(st.text(max_size=60))
def test_what_calls_nobody_reads_as_it_was_written(text: str) -> None:
    assert inert(text).replace("\u200b", "") == text.replace("\u200b", "")


def test_a_name_is_one_line_in_which_nothing_has_an_effect() -> None:
    assert plain("**Ada**\n# [x](http://y)") == r"\*\*Ada\*\* \# \[x\]\(http\:\/\/y\)".replace(r"\/", "/")
    assert shown(Carried(name=" \n ", text="", files=()), "").startswith("**?**")


def test_the_small_line_names_the_original_only_where_it_has_an_address() -> None:
    assert lead("note", "", Phrases()) == "note"
    assert lead("", "https://x/1", Phrases()) == "[original](<https://x/1>)"

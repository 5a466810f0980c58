"""Whether an answer rests on what was supplied is decided by code, in every language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.grounding import Numbers, before, cites, supplied, without_invented
from bot.answer.sources import cited_in
from bot.talk.turn import Reply, Result, Results

NUMBERS = st.frozensets(st.integers(1, 9), max_size=5)
TEXTS = st.lists(
    st.sampled_from(["Press it", "[1]", "[9]", " [2, 9]", "[0]", "[1;2]", "`[3]`", " ", "\n", "[", "]"])
).map("".join)


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("Press the button [1].", True),
        ("Press the button [1, 9].", True),
        ("按按钮[1]。", True),
        ("Press the button [9].", False),
        ("Press the button [0].", False),
        ("Press the button.", False),
        ("`list[1]`", False),
        ("```\n[1]\n```", False),
        ("```\nlist[1]\n", False),
        ("``list[1]``", False),
        ("The ` key [1].", True),
        ("See the docs (1).", False),
        ("Press [the button](https://x.example/1).", False),
        ("In [2024] it changed.", False),
    ],
)
def test_what_cites(text: str, real: bool) -> None:
    assert cites(text, {1, 2}) is real


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Press it [9].", "Press it."),
        ("Press it [1, 9].", "Press it [1]."),
        ("Press it [1][9].", "Press it [1]."),
        ("Press it [9](https://x.example/a).", "Press it."),
        ("Run `a[9]` [1].", "Run `a[9]` [1]."),
        ("```\na[9]\n```\nso [9]", "```\na[9]\n```\nso"),
        ("Press it [1].", "Press it [1]."),
    ],
)
def test_invented_numbers_are_taken_out_and_code_stays(text: str, left: str) -> None:
    assert without_invented(text, {1, 2}) == left


@given(TEXTS, NUMBERS)
def test_what_is_left_cites_what_was_supplied_and_nothing_else(text: str, numbers: frozenset[int]) -> None:
    left = without_invented(text, numbers)
    assert set(cited_in(left)) <= numbers
    assert without_invented(left, numbers) == left
    assert cites(left, numbers) or not cites(text, numbers)


def result(name: str, content: str, *, failed: bool = False) -> Results:
    return Results(results=(Result(call_id="1", name=name, content=content, failed=failed),))


def test_earlier_passages_count_where_this_turn_has_none() -> None:
    earlier = before(
        [
            Reply(text="see [7] here\n[8] said"),
            result("search_knowledge", "Passages:\n\n[3] The manual\nTurn it off. [4]"),
            result("search_knowledge", "[5] failed", failed=True),
            result("search_history", "[6] Ana: it is free"),
        ]
    )
    assert earlier == Numbers(real=frozenset({3, 6}), knowledge=frozenset({3}))
    assert supplied([], 0, earlier) == earlier
    assert supplied([], 2, earlier) == Numbers(real=frozenset({1, 2}))


def test_only_what_knowledge_gave_is_knowledge() -> None:
    parts = [result("search_history", "[1] Ana: it is free"), result("search_knowledge", "[2] The manual\n[9] x")]
    assert supplied(parts, 2, Numbers()) == Numbers(real=frozenset({1, 2}), knowledge=frozenset({2}))

"""The stretches of a text that tells of messages: what is left of them when some go, and how they read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.talk.digest import Told, text_of, without

NAMES = st.sampled_from("abcd")
STRETCHES = st.lists(
    st.one_of(
        st.builds(Told, text=st.text(min_size=1), messages=st.frozensets(NAMES), rooms=st.frozensets(NAMES)),
        st.builds(Told, text=st.text(min_size=1), heading=st.just(True)),
    )
)
HEADING = Told(text="### Decided", heading=True)


def point(name: str, *, room: str = "r") -> Told:
    return Told(text=f"- {name}", messages=frozenset({name}), rooms=frozenset({room}))


@given(told=STRETCHES, gone=st.frozensets(NAMES), shut=st.frozensets(NAMES))
def test_what_is_left_names_nothing_that_went(told: list[Told], gone: frozenset[str], shut: frozenset[str]) -> None:
    left = without(told, messages=gone, rooms=shut)
    assert not any(each.messages & gone or each.rooms & shut for each in left)
    kept = [each for each in told if not each.heading and not (each.messages & gone or each.rooms & shut)]
    assert [each for each in left if not each.heading] == kept
    assert without(left, messages=gone, rooms=shut) == left


def test_a_heading_goes_with_the_last_stretch_under_it() -> None:
    other = Told(text="### Open", heading=True)
    told = (HEADING, point("a"), point("b"), other, point("c"))
    assert without(told, messages={"a"}) == (HEADING, point("b"), other, point("c"))
    assert without(told, messages={"a", "b"}) == (other, point("c"))
    assert without(told, messages={"c"}) == (HEADING, point("a"), point("b"))


def test_nothing_that_goes_changes_nothing() -> None:
    assert without((HEADING, HEADING), messages={"a"}) == (HEADING, HEADING)


def test_points_stand_under_one_another_and_a_heading_after_a_blank_line() -> None:
    covers, made = Told(text="-# 12 messages"), Told(text="-# made by a model")
    told = (covers, made, HEADING, point("a"), point("b"))
    assert text_of(told) == "-# 12 messages\n-# made by a model\n\n### Decided\n- a\n- b"
    assert text_of(()) == ""

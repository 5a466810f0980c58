"""Points of many stretches become one digest."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.merging import MOST, MOST_SOURCES, merged
from bot.digest.reading import source
from bot.talk.digest import Length, Point, Section
from tests.digest.talks import said


def point(section: Section, text: str, *numbers: int, author: str = "ana") -> Point:
    return Point(section=section, text=text, sources=tuple(source(said(n, author, text)) for n in numbers))


def shown(*stretches: Sequence[Point], length: Length = Length.NORMAL) -> list[tuple[str, list[str]]]:
    return [(each.text, [one.message for one in each.sources]) for each in merged(stretches, length=length)]


def test_what_two_stretches_say_is_told_once_with_the_sources_of_both() -> None:
    one = point(Section.DECIDED, "ana ships version 2.4 on Friday", 1)
    other = point(Section.DECIDED, "ana ships version 2.4 this Friday", 50)
    assert shown([one], [other]) == [("ana ships version 2.4 on Friday", ["m1", "m50"])]


def test_what_has_another_number_is_something_else() -> None:
    one = point(Section.DECIDED, "the server moves to rack 14 in hall 3", 1)
    other = point(Section.DECIDED, "the printer moves to room 9 next month", 50)
    assert len(shown([one], [other])) == 2


def test_a_question_that_a_later_stretch_answers_is_not_open() -> None:
    asked = point(Section.OPEN, "ana asks which port the bridge uses", 1)
    answered = point(Section.DECIDED, "ana learns that the bridge uses port 8080", 9)
    assert [text for text, _ in shown([asked], [answered])] == [answered.text]
    assert len(shown([answered], [point(Section.OPEN, asked.text, 20)])) == 2


def test_sections_come_in_their_order_and_in_them_time() -> None:
    points = [
        point(Section.READING, "a guide to knots", 1),
        point(Section.OPEN, "who brings the boat", 5),
        point(Section.DECIDED, "lunch is at noon", 4),
        point(Section.DECIDED, "the harbour closes early", 2),
    ]
    assert [text for text, _ in shown(points)] == [
        "the harbour closes early",
        "lunch is at noon",
        "who brings the boat",
        "a guide to knots",
    ]


def test_every_section_keeps_some_points_beside_a_crowded_one() -> None:
    crowd = [point(Section.DECIDED, f"parcel {n} {'x' * n} goes to dock {n * 7}", n, n + 100) for n in range(1, 60)]
    kept = merged([crowd, [point(Section.TODO, "bo sweeps the quay", 200)]], length=Length.SHORT)
    assert len(kept) == MOST[Length.SHORT]
    assert kept[-1].text == "bo sweeps the quay"


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(Section), st.text(max_size=30), st.integers(0, 9)), max_size=8), max_size=6
    ),
    st.sampled_from(Length),
)
@settings(deadline=None)
def test_nothing_is_invented_and_nothing_is_too_much(
    stretches: list[list[tuple[Section, str, int]]], length: Length
) -> None:
    given_points = [[point(section, text, n) for section, text, n in points] for points in stretches]
    kept = merged(given_points, length=length)
    assert len(kept) <= MOST[length]
    told = {(each.section, each.text) for points in given_points for each in points}
    for each in kept:
        assert (each.section, each.text) in told
        assert 1 <= len(each.sources) <= MOST_SOURCES

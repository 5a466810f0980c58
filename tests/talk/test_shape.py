"""Whose a change of a thread is, and what of it goes to the counterparts."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.talk.shape import ECHOED_WITHIN, Change, Followed, Part, Shape, Tag, Value, counterparts, fitting, safe
from tests.fakes import START

TITLES = st.sampled_from(["one", "two", "three"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        Part.TITLE: TITLES,
        Part.ARCHIVED: st.booleans(),
        Part.LOCKED: st.booleans(),
        Part.TAGS: st.frozensets(st.sampled_from("ab")),
    },
).filter(bool)


def owed_of(followed: Followed) -> dict[Part, Value]:
    return {part: each.value for part, each in followed.owed.items()}


@given(st.lists(st.tuples(st.sampled_from(["ours", "told"]), CHANGES), max_size=30))
def test_what_we_ask_for_is_never_taken_for_somebodys_however_late_it_is_told(steps: list[tuple[str, Change]]) -> None:
    """Nobody else changes anything: each change of ours that changes something is told of, in order, sometime."""
    followed, truth, told = Followed(seen=Shape(title="zero")), Shape(title="zero"), deque[Shape]()
    for kind, change in steps:
        if kind == "ours" and len(told) < 4:
            wanted = {part: value for part, value in change.items() if followed.expected(part) != value}
            if not wanted:
                continue
            followed = followed.asking(wanted, at=START)
            truth = truth.having(wanted)
            told.append(truth)
            followed = followed.answering(wanted, wanted, {})
        elif told:
            followed, theirs = followed.told(told.popleft(), at=START)
            assert theirs == {}
    while told:
        followed, theirs = followed.told(told.popleft(), at=START)
        assert theirs == {}
    assert followed.seen == truth
    assert followed.asked == ()


@given(CHANGES)
def test_what_people_change_is_theirs_though_we_have_asked_for_something_else(change: Change) -> None:
    before = Shape(title="zero", archived=False, locked=False)
    followed = Followed(seen=before).asking({Part.TITLE: "ours"}, at=START)
    _, theirs = followed.told(before.having(change), at=START)
    assert theirs == {part: value for part, value in change.items() if before.parts[part] != value}


def test_a_change_that_was_made_and_never_told_of_counts_as_made() -> None:
    followed = Followed(seen=Shape(title="zero")).asking({Part.TITLE: "ours"}, at=START)
    followed = followed.answering({Part.TITLE: "ours"}, {Part.TITLE: "ours"}, {})
    later = START + ECHOED_WITHIN + timedelta(seconds=1)
    followed, theirs = followed.told(Shape(title="ours", locked=True), at=later)
    assert theirs == {Part.LOCKED: True}
    _, theirs = followed.told(Shape(title="zero", locked=True), at=later)
    assert theirs == {Part.TITLE: "zero"}


def test_what_was_asked_for_twice_is_so_and_what_somebody_makes_of_it_then_is_theirs() -> None:
    change, before = {Part.ARCHIVED: True}, Shape(title="zero")
    followed = Followed(seen=before).asking(change, at=START).asking(change, at=START)
    followed = followed.answering(change, change, {})
    assert followed.asked == ()
    again, theirs = followed.told(before.having(change), at=START)
    assert theirs == {}
    for each in (followed, again):
        assert each.told(before, at=START)[1] == {Part.ARCHIVED: False}


def test_of_what_an_earlier_process_was_answered_nobody_tells_the_next_one() -> None:
    before = Shape(title="zero")
    followed = Followed(seen=before).asking({Part.LOCKED: True}, at=START)
    followed = followed.answering({Part.LOCKED: True}, {Part.LOCKED: True}, {}).asking({Part.TITLE: "ours"}, at=START)
    followed = followed.recalled()
    assert followed.seen == replace(before, locked=True)
    assert followed.told(replace(before, title="ours"), at=START)[1] == {Part.LOCKED: False}


def test_a_title_that_is_not_known_has_not_changed() -> None:
    _, theirs = Followed(seen=Shape()).told(Shape(title="one"), at=START)
    assert theirs == {}


def test_of_several_changes_the_last_is_owed_and_what_is_so_already_is_not() -> None:
    followed = Followed(seen=Shape(title="zero"))
    for archived in (True, False):
        followed = followed.owing({Part.TITLE: f"{archived}", Part.ARCHIVED: archived}, "s", at=START)
    assert owed_of(followed) == {Part.TITLE: "False"}


def test_while_it_is_not_known_whether_it_was_closed_it_is_owed_to_be_opened() -> None:
    followed = Followed(seen=Shape(title="zero")).asking({Part.ARCHIVED: True}, at=START)
    assert owed_of(followed.owing({Part.ARCHIVED: False}, "s", at=START)) == {Part.ARCHIVED: False}


def test_what_somebody_changes_there_is_not_overwritten_by_what_was_owed_before() -> None:
    followed = Followed(seen=Shape(title="zero")).owing({Part.TITLE: "one", Part.LOCKED: True}, "s", at=START)
    followed, _ = followed.told(Shape(title="two"), at=START)
    assert owed_of(followed) == {Part.LOCKED: True}


def test_a_refused_change_is_owed_no_more_but_what_was_owed_since_is() -> None:
    followed = Followed(seen=Shape(title="zero")).owing({Part.TITLE: "one"}, "s", at=START)
    done = followed.owed
    followed = followed.asking({Part.TITLE: "eins"}, at=START).owing({Part.TITLE: "two"}, "s", at=START)
    followed = followed.answering({Part.TITLE: "eins"}, {}, done)
    assert owed_of(followed) == {Part.TITLE: "two"}
    assert followed.asked == ()


def test_people_who_began_threads_change_none_that_others_began() -> None:
    change: Change = {Part.TITLE: "x", Part.ARCHIVED: True, Part.LOCKED: True}
    theirs, ours = Shape(title="a"), Shape(title="b", ours=True)
    assert safe(change, source=theirs, target=Shape(title="c")) == {Part.LOCKED: True}
    assert safe({Part.ARCHIVED: False}, source=theirs, target=Shape(title="c")) == {Part.ARCHIVED: False}
    assert safe(change, source=theirs, target=ours) == safe(change, source=ours, target=theirs) == change


def test_tags_match_by_name_first_and_by_an_emoji_only_where_it_is_the_only_one() -> None:
    source = [Tag(id="1", name=" Solved", emoji="✅"), Tag(id="2", name="Bug", emoji="🐛"), Tag(id="3", name="Mac")]
    target = [
        Tag(id="11", name="Done", emoji="✅"),
        Tag(id="12", name="solved"),
        Tag(id="13", name="Beetle", emoji="🐛"),
        Tag(id="14", name="Bee", emoji="🐛"),
    ]
    assert counterparts({"1", "2", "3"}, source=source, target=target, standing=()) == ("12",)
    assert counterparts({"1"}, source=source, target=target[:1], standing={"11"}) == ("11",)
    assert counterparts((), source=source, target=target[:1], standing={"11"}) == ()
    assert counterparts((), source=source[2:], target=target, standing={"13"}) == ("13",)


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=8, unique_by=lambda each: each[0]),
    st.lists(st.sampled_from("abcdefghxy"), max_size=8, unique=True),
    st.booleans(),
    st.booleans(),
)
def test_a_new_post_gets_wanted_tags_that_we_may_use_and_one_where_it_needs_one_and_there_is_any(
    tags: list[tuple[str, bool]], wanted: list[str], required: bool, manages: bool
) -> None:
    forum = [Tag(id=ident, name=ident, moderated=moderated) for ident, moderated in tags]
    ours = [each.id for each in forum if manages or not each.moderated]
    given = fitting(wanted, forum, required=required, manages=manages)
    theirs = [each for each in wanted if each in ours]
    if theirs or not required:
        assert list(given) == theirs[:5]
    else:
        assert list(given) == sorted(ours, key=lambda each: dict(tags)[each])[:1]

"""Stretches fit, and end where conversations end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.lines import line, listing, numbered
from bot.digest.stretches import CUT, LEAST_ROOM, Sized, Stretch, split
from bot.talk.message import Message
from tests.digest.talks import CHANNEL, THREAD, said


def sized(messages: list[Message], tokens: int = 100) -> list[Sized]:
    return [Sized(message=each, tokens=tokens) for each in messages]


def ids(stretches: list[Stretch]) -> list[list[str]]:
    return [[each.id for each in stretch.messages] for stretch in stretches]


def test_a_stretch_ends_at_a_long_pause_rather_than_when_it_is_full() -> None:
    messages = [said(n, "ana", f"word {n}", minute=n if n < 8 else n + 120) for n in range(1, 13)]
    assert ids(split(sized(messages), room=1020))[0] == [f"m{n}" for n in range(1, 8)]


def test_a_reply_stays_with_what_it_answers_where_there_is_a_choice() -> None:
    messages = [said(n, f"p{n}", f"word {n}", minute=n * 3, reply_to=9 if n == 10 else None) for n in range(1, 13)]
    assert "m10" not in ids(split(sized(messages), room=920))[0]
    assert ids(split(sized(messages), room=920))[1][:2] == ["m9", "m10"]


def test_what_was_said_in_one_place_stands_together() -> None:
    messages = [said(n, "ana", f"word {n}", place=THREAD if n % 2 else CHANNEL) for n in range(1, 9)]
    stretches = split(sized(messages), room=LEAST_ROOM + 100)
    assert [len({each.place.key for each in stretch.messages}) for stretch in stretches] == [1, 1]


def test_a_message_that_is_too_long_is_cut_in_its_middle_and_says_so() -> None:
    long = said(1, "ana", "begin " + "x y z " * 2000 + " end", files=["a.pdf"] * 30)
    (stretch,) = split([Sized(message=long, tokens=9000)], room=500)
    (shown,) = numbered(stretch.messages)
    assert CUT.strip() in shown.text
    assert shown.text.startswith("begin")
    assert "end" in shown.text
    assert len(line(shown).encode()) < 500


def test_no_messages_are_no_stretches_and_a_room_for_nothing_is_an_error() -> None:
    assert split([], room=LEAST_ROOM) == []
    with pytest.raises(ValueError, match="at least"):
        split([], room=LEAST_ROOM - 1)


@given(
    st.lists(
        st.tuples(
            st.text(max_size=600), st.integers(0, 200), st.booleans(), st.text(min_size=1, max_size=50), st.booleans()
        ),
        max_size=20,
    ),
    st.integers(LEAST_ROOM, 900),
)
@settings(deadline=None)
def test_every_stretch_fits_and_nothing_is_lost_or_told_twice(
    messages: list[tuple[str, int, bool, str, bool]], room: int
) -> None:
    told = [
        said(n, name, text, minute=minute, place=THREAD if aside else CHANNEL, files=["x.pdf"] if file else [])
        for n, (text, minute, aside, name, file) in enumerate(messages)
    ]
    kept = [each.message for each in numbered(told)]
    costs = {each.message.id: len(line(each).encode()) + 10 for each in numbered(told)}
    stretches = split([Sized(message=each, tokens=costs[each.id]) for each in kept], room=room)
    assert sorted(each.id for stretch in stretches for each in stretch.messages) == sorted(each.id for each in kept)
    for stretch in stretches:
        assert len(listing(numbered(stretch.messages)).encode()) <= room
        assert stretch.tokens <= room


@given(st.integers(1, 60), st.integers(1, 30))
@settings(deadline=None)
def test_what_is_said_later_in_a_place_leaves_all_stretches_but_the_last_as_they_were(before: int, more: int) -> None:
    messages = [said(n, "ana", f"word {n}", minute=n * n) for n in range(before + more)]
    first, later = split(sized(messages[:before]), room=1000), split(sized(messages), room=1000)
    assert ids(first)[:-1] == ids(later)[: len(first) - 1]

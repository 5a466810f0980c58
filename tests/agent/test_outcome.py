"""What is kept of results says whose words it holds, and gives them up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent.outcome import smaller, told
from bot.agent.toolbox import Ran
from bot.talk.found import Found
from bot.talk.turn import GONE, Image, Line, Question, Result, Results, Whose

CAT = Image(digest="cat", media_type="image/png", width=28, height=28)
M1 = Whose(message="m1", author="local:ben")
LOOKED = Ran(call_id="1", name="look_again", content="the cat of m1", images=(CAT,), of=(M1,))

_whose = st.builds(Whose, message=st.none() | st.sampled_from("abc"), author=st.none() | st.sampled_from("xyz"))
_results = st.lists(
    st.lists(_whose, max_size=3).map(lambda of: Result(call_id="1", name="n", content=repr(of), of=tuple(of))),
    max_size=4,
).map(tuple)


def test_results_and_their_pictures_say_of_which_message_they_are() -> None:
    results, seen = told((LOOKED,), closing=False)
    assert isinstance(results, Results)
    assert results.results[0].of == (M1,)
    assert seen == Question(
        lines=(
            Line(
                text="(picture 1 of what look_again gave)", images=(CAT,), message="m1", author="local:ben", found=True
            ),
        )
    )


def test_pictures_that_are_nobody_s_words_say_nothing() -> None:
    _, seen = told((Ran(call_id="1", name="chart", content="a chart", images=(CAT,)),), closing=False)
    assert seen == Question(lines=(Line(text="(picture 1 of what chart gave)", images=(CAT,)),))


def test_what_is_left_out_for_want_of_room_is_nobody_s_any_more() -> None:
    for part in told((LOOKED,), closing=True):
        less = smaller(part)
        assert "m1" not in repr(less)


def test_pictures_of_several_messages_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="one message at a time"):
        Found(text="", images=(CAT,), of=(M1, Whose(message="m2")))


@given(_results, st.sets(st.sampled_from("abc")), st.none() | st.sampled_from("xyz"))
def test_exactly_the_results_go_that_hold_a_word_of_theirs(
    results: tuple[Result, ...], messages: set[str], author: str | None
) -> None:
    def goes(of: Sequence[Whose]) -> bool:
        return any(one.message in messages or (author is not None and one.author == author) for one in of)

    left = Results(results=results).without(messages=messages, author=author)
    for before, after in zip(results, left.results, strict=True):
        assert after == (Result(call_id="1", name="n", content=GONE) if goes(before.of) else before)
    assert left.without(messages=messages, author=author) == left


def test_a_question_less_all_that_was_found_for_it_keeps_its_place() -> None:
    seen = told((LOOKED, LOOKED), closing=False)[1]
    assert isinstance(seen, Question)
    assert seen.without(messages=["m1"]) == Question(lines=(Line(text=GONE),))
    assert seen.without(author="local:ana") == seen

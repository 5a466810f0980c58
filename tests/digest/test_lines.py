"""Messages as numbered lines, of which people's words can make none."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.lines import CODE_LINES, line, listing, numbered
from bot.talk.message import Quote, QuoteKind
from tests.digest.talks import CHANNEL, THREAD, said, talk


def lines(*messages: tuple[str, str]) -> list[str]:
    return [line(each) for each in numbered(talk(*messages))]


def test_a_message_is_one_line_with_its_number_and_who_says_it() -> None:
    assert lines(("ana", "hello\nworld"), ("Bo", "hi there")) == ["1 ana: hello world", "2 Bo: hi there"]


def test_what_says_nothing_has_no_number() -> None:
    noise = [("ana", "👍"), ("ana", "…"), ("ana", "!tor"), ("ana", "<:party:123456789012345678>"), ("ana", "  ")]
    assert lines(*noise, ("Bo", "it is on port 80")) == ["1 Bo: it is on port 80"]


def test_who_says_the_same_again_is_heard_once() -> None:
    assert lines(("ana", "anyone?"), ("Bo", "anyone?"), ("ana", "Anyone?")) == ["1 ana: anyone?", "2 Bo: anyone?"]


def test_a_reply_names_the_number_of_what_it_answers() -> None:
    messages = [said(1, "ana", "who comes?"), said(2, "Bo", "I do", reply_to=1), said(3, "Cy", "me", reply_to=99)]
    assert [line(each) for each in numbered(messages)][1:] == ["2 Bo (to 1): I do", "3 Cy: me"]


def test_files_are_named_and_pictures_counted() -> None:
    messages = [said(1, "ana", "look", files=["a.png", "b.png", "plan.pdf"]), said(2, "Bo", "", files=["c.png"])]
    assert [line(each) for each in numbered(messages)] == [
        "1 ana: look (attached: 2 images, plan.pdf)",
        "2 Bo: (attached: c.png)",
    ]


def test_what_is_forwarded_is_told_and_what_is_replied_to_is_not_told_again() -> None:
    message = replace(
        said(1, "ana", "see"),
        quotes=(Quote(kind=QuoteKind.FORWARDED, text="the news"), Quote(kind=QuoteKind.REPLIED, text="the question")),
    )
    assert [line(each) for each in numbered([message])] == ["1 ana: see (forwarded: the news)"]


def test_long_code_is_shown_by_its_first_lines() -> None:
    (shown,) = lines(("ana", "```py\n" + "\n".join(f"step{n}()" for n in range(40)) + "\n```"))
    assert f"step{CODE_LINES - 1}()" in shown
    assert f"step{CODE_LINES}()" not in shown


def test_threads_stand_under_their_names() -> None:
    messages = [said(1, "ana", "here", place=CHANNEL), said(2, "Bo", "there", place=THREAD)]
    assert listing(numbered(messages)) == "(in #general)\n1 ana: here\n(in the thread Release 2.4)\n2 Bo: there"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(max_size=120)), max_size=6))
@settings(deadline=None)
def test_nobody_s_words_begin_a_line_or_look_like_a_pointer(messages: list[tuple[str, str]]) -> None:
    shown = numbered(talk(*messages))
    assert [each.number for each in shown] == list(range(1, len(shown) + 1))
    for each, text in zip(shown, listing(shown).splitlines()[1:], strict=True):
        assert text.startswith(f"{each.number} ")
        assert f"[{each.number}]" not in text


@given(st.lists(st.tuples(st.sampled_from(["ana", "Bo"]), st.text(max_size=40)), max_size=8))
@settings(deadline=None)
def test_cleaning_again_what_is_left_changes_nothing(messages: list[tuple[str, str]]) -> None:
    once = numbered(talk(*messages))
    assert numbered([each.message for each in once]) == once

"""Lines know where the words of a message stand, so that an edit can be written through."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.talk.turn import CORRECTION_CHARS, Line, Question
from bot.talk.words import WORDLESS, reading

_texts = st.text(st.characters(codec=None), max_size=30)


def holding(text: str, *, before: str = "", after: str = "") -> Line:
    words = reading(text)
    span = (len(before), len(before) + len(words))
    return Line(text=f"{before}{words}{after}", message="1", author="a", words=span)


@given(old=_texts, new=_texts, before=_texts, after=_texts)
def test_an_edit_changes_the_words_and_nothing_around_them(old: str, new: str, before: str, after: str) -> None:
    line = holding(old, before=before, after=after)
    assert line.own == reading(old)
    changed = line.revised(new)
    assert changed == holding(new, before=before, after=after)
    assert changed.revised(new) == changed


def test_only_lines_that_hold_the_words_of_the_message_change() -> None:
    other, note = replace(holding("old"), message="2"), Line(text="old")
    wordless = replace(holding("old"), words=None)
    question = Question(lines=(holding("old"), other, note, wordless))
    assert question.revised("1", "new") == Question(lines=(holding("new"), other, note, wordless))
    assert question.revised("3", "new") == question


def test_what_corrects_stays_of_bounded_size_and_what_was_said_does_not() -> None:
    long = "x" * (CORRECTION_CHARS + 1)
    said = holding("old")
    assert said.revised(long).own == long
    assert replace(said, corrects=True).revised(long).own == long[:-1] + " …"


@given(text=_texts)
def test_no_further_line_of_a_message_begins_where_somebody_elses_could(text: str) -> None:
    first, *further = reading(f"{text}\r{text}\u2028x").split("\n")
    assert not first.startswith("\n")
    assert further
    assert all(line.startswith("  ") for line in further)


def test_a_message_without_a_visible_word_says_so() -> None:
    assert [reading(text) for text in ("", " \n", "\u200b\0")] == [WORDLESS] * 3

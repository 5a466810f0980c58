"""How reviews read: never longer than they may be, and nothing in them has an effect."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.languages.phrases import Phrases
from bot.oversight.showing import name_of, parted, review
from bot.ports.oversight import Listed
from bot.talk.oversight import Cursor, Flag, Reviewed, Vote
from tests.fakes import said

PHRASES = Phrases()
LONGEST = 4000


@given(st.text(), st.text(), st.lists(st.text(max_size=1000), max_size=30), st.sets(st.sampled_from(Flag)))
def test_a_review_is_two_messages_of_discord_at_most(
    question: str, answer: str, reasons: list[str], flags: set[Flag]
) -> None:
    votes = tuple(Vote(up=False, reason=each) for each in reasons)
    reviewed = Reviewed(
        turn="t",
        question=said(question),
        answer=answer,
        shown=(),
        at=datetime(2026, 11, 23, tzinfo=UTC),
        flags=frozenset(flags),
        votes=votes,
    )
    told = review(Listed(review=reviewed), PHRASES)
    assert len(told) <= LONGEST
    assert f"👎 {len(reasons)}" in told


@given(st.text())
def test_a_name_is_one_line_without_markup_or_mentions(name: str) -> None:
    plain = name_of(name)
    assert plain
    assert len(plain.splitlines()) == 1
    assert not set(plain) & set("*_~`|<>[]()@#\\")


def test_sources_stand_apart_from_what_an_answer_says() -> None:
    answer = "Left [1].\n\n-# [1] Doors — [a.example](<https://a.example>)\n-# [2] Walls"
    said_so, sources = parted(answer)
    assert said_so == "Left [1]."
    assert sources == ["-# [1] Doors — [a.example](<https://a.example>)", "-# [2] Walls"]
    assert parted("-# small") == ("-# small", [])


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)), st.uuids())
def test_a_cursor_survives_being_written_down(at: datetime, turn: object) -> None:
    cursor = Cursor(at=at.replace(tzinfo=UTC), turn=str(turn).replace("-", ""))
    assert Cursor.read(cursor.text) == cursor
    assert len(f"review-set:dismissed.handed.dismissed.{cursor.text}") <= 100

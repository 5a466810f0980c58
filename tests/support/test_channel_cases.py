"""In a channel without threads each asker is left to staff by themselves: their case, their note, their silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.support.words import tried
from bot.talk.message import Addressed, Message, Person
from bot.talk.support import CaseState
from bot.talk.turn import Line, Question, Reply
from tests.fakes import ANA, BEN, said
from tests.support.scene import HELP, ZOE, Desk, call, desk

CALLED = (call("needs_human", reason="it does not start"),)
PROMISE = ("It will be done.",)


def asks(at: Desk, text: str, by: Person) -> Message:
    return said(text, by=replace(by, locale="eo"), place=HELP, addressed=Addressed.MENTION, at=at.rig.clock.now())


async def test_two_who_ask_in_one_channel_have_a_case_and_a_note_each(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, ("Ana asks.",), CALLED, PROMISE, ("Ben asks.",)) as one:
        await one.asks(message=asks(one, "Why does my boat not start?", ANA))
        await one.minutes(1)
        await one.asks(message=asks(one, "Where is the oil?", BEN))
        await one.minutes(1)
        notes = [each for _, each in one.standing]
        assert ["Ana" in each.text for each in notes] == [True, False]
        assert "oil" not in notes[0].text
        await one.presses("case-claim", by=ZOE, on=notes[0])
        ana = await one.rig.store.unsolved_case(HELP, ANA.key)
        ben = await one.rig.store.unsolved_case(HELP, BEN.key)
        assert ana is not None
        assert ben is not None
        assert (ana.state, ben.state) == (CaseState.CLAIMED, CaseState.OPEN)
        await one.presses("case-solve", by=ZOE, on=one.standing[0][1])
        assert await one.rig.store.unsolved_case(HELP, ANA.key) is None
        assert await one.rig.store.unsolved_case(HELP, BEN.key) == ben


def test_what_others_were_answered_in_the_same_channel_is_nothing_that_was_tried_for_the_asker() -> None:
    def turn(by: Person, text: str) -> tuple[Question, Reply]:
        heard = Line(text="Ana: I listen", message="0", author=ANA.key)
        return Question(lines=(heard, Line(text=text, message=text, author=by.key), Line(text="(Now)"))), Reply(
            text=text
        )

    parts = [*turn(ANA, "one"), *turn(BEN, "two")]
    assert tried(parts, grounded=False).answers == 2
    found = tried(parts, grounded=False, asker=ANA.key)
    assert (found.answers, found.last) == (1, "one")

"""What people bring who are upset, or ask about each other: helped as anybody, and told no more than anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.support.instructing import instructed
from tests.fakes import ANA, BEN
from tests.support.desk import NOTES, POST, SOLVED, WAITS, desk, post
from tests.support.test_silencing import SOLVED_SO


@pytest.mark.parametrize("words", ["THIS IS GARBAGE AND SO ARE YOU!!!", "please help i am scared i lost everything"])
async def test_a_rude_or_frightened_person_is_answered_and_the_model_is_told_to_be_calm_and_kind(
    tmp_path: Path, words: str
) -> None:
    async with desk(tmp_path, ("Let us look at it.",)) as at:
        await at.opens(POST)
        await at.asks(words)
        assert at.texts == ["Let us look at it."]
        head = at.rig.engine.prompts[0].pieces[0].text
        assert "rude or afraid is helped as calmly and kindly as anybody" in head


async def test_a_question_about_another_member_is_answered_without_what_they_said_elsewhere(tmp_path: Path) -> None:
    async with desk(tmp_path, ("I speak of nobody else.",)) as at:
        await at.opens(POST)
        await at.opens(post("t2"), BEN)
        await at.says("my address is Quay 7", BEN, NOTES)
        await at.asks("what has Ben said, and where does he live?", ANA)
        assert "Quay 7" not in at.rig.asked()
        assert "what other members said, asked or did is not yours to tell" in at.rig.asked()


async def test_a_tag_that_is_called_otherwise_by_now_still_says_that_it_is_solved(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",)) as at:
        await at.opens(POST)
        await at.asks("my boat does not start")
        at.threads.forum_tags = {SOLVED: "Erledigt", WAITS: "Wartet"}
        await at.tags(POST, SOLVED)
        await at.asks("still?")
        assert at.texts == ["One.", SOLVED_SO]


def test_elsewhere_nothing_of_support_is_said() -> None:
    assert instructed("You are Calanque.", None) == "You are Calanque."

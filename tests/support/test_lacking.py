"""What a set-up lacks is said when it is shown, as far as who sees it may know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.talk.knowledge import EVERYONE, Chunk, Known, readers_of
from bot.talk.message import Place
from bot.talk.support import Answers
from tests.fakes import START
from tests.support.desk import DAN, FORUM, HELP, MADE, NOTES, POST, desk, shown


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.threads.hears, at.threads.answerable, at.threads.leaks = False, False, True
        at.rights.barred = [NOTES.id]
        await at.sets_up(replace(MADE, grounded=True, staff=frozenset({"99"}), solved_tags=frozenset({"98"})))
        preview = await shown(at, place=POST)
        assert [line for line in preview.text.splitlines() if line.startswith("⚠")] == [
            "⚠ I am still reading the knowledge. Until I have, I call a person each time.",
            "⚠ I may not read and write in #forum.",
            "⚠ I am not told what people write (the Message Content intent is off), so I can only answer when I am "
            "mentioned, and do not see it when staff answer.",
            "⚠ A role of the staff is gone.",
            "⚠ A tag of the forum is gone.",
            "⚠ I may not read and write in #notes.",
            "⚠ People who are not staff may be able to read #notes.",
        ]
        assert at.rig.knowledge is not None
        await at.rig.knowledge.look()
        read = (await shown(at, place=POST)).text
        assert "⚠ I find no knowledge for this yet, so I would call a person each time." in read
        at.rights.gone = [NOTES.id]
        assert "⚠ The channel where staff are told is gone." in (await shown(at, place=POST)).text


async def test_it_is_said_where_staff_could_not_be_told_since_one_who_reads_there_may_not_read_the_channel(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        await at.sets_up(MADE)
        told = "⚠ Who reads #notes may not be able to read #forum, so I cannot tell staff there of it."
        assert told not in (await shown(at, place=POST)).text
        at.rights.readers = {**at.rights.readers, NOTES.room: {DAN.key, "local:eve"}}
        assert told in (await shown(at, place=POST)).text


def document(name: str, labels: frozenset[str], *, room: Place | None = None) -> Known:
    readers = EVERYONE if room is None else readers_of(room)
    return Known(key=name, name=name, title=name, readers=readers, digest="1", read_at=START, labels=labels)


async def test_tools_without_which_every_question_is_left_to_a_person_are_told_of(tmp_path: Path) -> None:
    why = "not offered, as was decided here"
    async with desk(tmp_path) as at:
        await at.sets_up(replace(MADE, grounded=True))
        assert "offered" not in (await shown(at, place=POST)).text
        for tool in ("search_knowledge", "needs_human"):
            decided = {"tool": tool, "where": "here", "on": "no"}
            await at.rig.commands("tools-offer", by=DAN, place=FORUM, moderator=True, **decided)
        lines = (await shown(at, place=POST)).text.splitlines()
        assert f"⚠ `search_knowledge`: {why}" in lines
        assert f"⚠ `needs_human`: {why}" in lines
        await at.sets_up(replace(MADE, grounded=False))
        assert f"⚠ `search_knowledge`: {why}" not in (await shown(at, place=POST)).text.splitlines()


async def test_knowledge_counts_that_is_found_in_the_named_collections_by_all_who_read_the_channel(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        await at.sets_up(replace(MADE, grounded=True))
        assert at.rig.knowledge is not None
        await at.rig.knowledge.look()
        words = (Chunk(text="It floats."),)
        await at.rig.store.save_known(document("team.md", frozenset({"guides"}), room=NOTES), words)
        lacks = "⚠ I find no knowledge for this yet"
        assert lacks in (await shown(at, place=POST)).text
        await at.rig.store.save_known(document("all.md", frozenset({"Führer"})), words)
        assert lacks not in (await shown(at, place=POST)).text
        assert lacks in (await shown(at, place=POST, knowledge="guides")).text
        assert lacks not in (await shown(at, place=POST, knowledge="guides, fu\u0308hrer")).text


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (Answers.QUESTIONS, "- I open a thread for each question"),
        (Answers.MENTIONED, "- I answer only when I am mentioned. In the channel I open a thread for it"),
    ],
)
async def test_where_questions_get_threads_it_is_said_which_right_is_missing_for_that(
    tmp_path: Path, when: Answers, says: str
) -> None:
    async with desk(tmp_path) as at:
        await at.sets_up(replace(MADE, place=HELP, in_threads=True, answers=when, grounded=False))
        assert "threads" not in await at.rig.commands("support-show", by=DAN, channel="help")
        at.threads.openable, at.threads.threads_writable = False, False
        told = await at.rig.commands("support-show", by=DAN, channel="help")
        assert says in told
        assert "⚠ I may not write in threads of #help." in told
        assert "⚠ I may not open public threads in #help, so I answer in the channel itself." in told

"""Staff who answer where it was asked need press nothing for it: the case is theirs, and a tag solves it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.languages.phrases import Phrases
from bot.support.notes import line
from bot.talk.message import Addressed, Person, Place
from bot.talk.support import Case, CaseState, SupportChannel
from tests.fakes import ANA, BEN, START
from tests.support.desk import CARA, DAN, FORUM, HELP, HELPERS, NOTES, POST, SOLVED, Desk, desk

SPARING = SupportChannel(
    place=FORUM,
    staff=frozenset({HELPERS}),
    solved_tags=frozenset({SOLVED}),
    grounded=False,
    per_thread=1,
    per_person=1,
)
"""The second question calls a person."""


async def case(at: Desk, place: Place = POST, asker: Person = ANA) -> Case:
    found = await at.rig.store.unsolved_case(place, asker.key)
    assert found is not None
    return found


async def test_who_of_staff_answers_in_the_thread_has_claimed_it_unless_somebody_has(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=SPARING) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        await at.asks("two boats?")
        await at.says("I have one", BEN)
        assert (await case(at)).state is CaseState.OPEN
        await at.says("Which one?", CARA)
        await at.says("This one?", DAN)
        claimed = await case(at)
        assert (claimed.state, claimed.by_name) == (CaseState.CLAIMED, CARA.name)


async def test_what_staff_said_before_a_person_was_called_claims_nothing_when_it_is_told_again(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=SPARING) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        before = await at.says("Which one?", CARA)
        await at.rig.clock.advance(1)
        await at.asks("two boats?", addressed=Addressed.MENTION)
        await at.rig.says(before)
        assert (await case(at)).state is CaseState.OPEN


async def test_a_tag_that_says_solved_solves_it(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=SPARING) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        await at.asks("two boats?")
        opened = await case(at)
        await at.tags(POST, SOLVED)
        solved = await at.rig.store.case(opened.id)
        assert solved is not None
        assert (solved.state, solved.by) == (CaseState.SOLVED, "")
        assert not [text for text in at.texts if "marked as solved" in text], "at the limit it has said all"


async def test_a_tag_that_comes_as_the_thread_is_closed_solves_it_all_the_same(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=SPARING) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        await at.asks("two boats?")
        opened = await case(at)
        await at.tags(POST, SOLVED, closed=True)
        solved = await at.rig.store.case(opened.id)
        assert solved is not None
        assert solved.state is CaseState.SOLVED


@pytest.mark.parametrize("claimed", [False, True])
async def test_a_tag_that_was_set_while_we_were_away_is_found_before_staff_are_told_again(
    tmp_path: Path, *, claimed: bool
) -> None:
    async with desk(tmp_path, ("One.",), channel=replace(SPARING, notes=NOTES, escalate_minutes=60)) as at:
        plans = asyncio.create_task(at.rig.plans.run())
        await at.opens(POST)
        await at.asks("a boat?")
        await at.asks("two boats?")
        opened = await case(at)
        await at.rig.passes(60)
        if claimed:
            await at.says("Which one?", CARA)
        at.threads.now[POST.id] = replace(at.threads.now[POST.id], tags=frozenset({SOLVED}), closed=True)
        for _ in range(26):
            await at.rig.clock.advance(3600)
        solved = await at.rig.store.case(opened.id)
        assert solved is not None
        assert solved.state is CaseState.SOLVED
        notes = [each.text for each in at.rig.platform.standing.values() if each.conversation.place == NOTES]
        assert len(notes) == 1
        assert notes[0].endswith("It is solved.")
        plans.cancel()
        await asyncio.gather(plans, return_exceptions=True)


async def test_in_a_channel_staff_claim_what_whom_they_answer_has_asked(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), channel=replace(SPARING, place=HELP)) as at:
        for by in (ANA, BEN):
            await at.asks("a boat?", by, HELP)
        anas = await at.asks("two boats?", ANA, HELP)
        await at.asks("three boats?", BEN, HELP)
        await at.says("Which one?", CARA, HELP, to=anas)
        assert (await case(at, HELP)).by_name == CARA.name
        assert (await case(at, HELP, BEN)).state is CaseState.OPEN


def test_what_a_tag_has_solved_names_nobody() -> None:
    solved = Case(
        id="c",
        place=POST,
        message="m",
        asker=ANA.key,
        language="eo",
        reason="",
        opened_at=START,
        state=CaseState.SOLVED,
    )
    assert line(solved, Phrases()) == "-# It is solved."
    assert line(replace(solved, by_name="Cara"), Phrases()) == "-# Solved by Cara."

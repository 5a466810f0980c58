"""What happens to a case while something about it is being told counts, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.support.settling import SETTLE_SECONDS
from bot.talk.delivery import Delivery
from bot.talk.message import Addressed
from bot.talk.support import CaseState, SupportChannel
from tests.fakes import ANA
from tests.hooks import Halt, in_store
from tests.settling import settle
from tests.support.desk import CARA, FORUM, HELPERS, NOTES, POST, SOLVED, Desk, desk

SPARING = SupportChannel(
    place=FORUM,
    staff=frozenset({HELPERS}),
    solved_tags=frozenset({SOLVED}),
    notes=NOTES,
    staff_language="en",
    grounded=False,
    per_thread=1,
    per_person=9,
)
"""The second question calls a person."""


def notes(at: Desk) -> list[Delivery]:
    standing = at.rig.platform.standing.values()
    return [each for each in standing if (each.conversation.place, each.conversation.only) == (NOTES, None)]


@asynccontextmanager
async def summed(folder: Path, *, channel: SupportChannel = SPARING) -> AsyncGenerator[tuple[Desk, asyncio.Event]]:
    """Ana needs a person, and her case is being summed up until the event is set."""
    may = asyncio.Event()
    async with desk(folder, ("One.",), (may, "Ana wants boats."), ("Ana wants boats.",), channel=channel) as at:
        plans = asyncio.create_task(at.rig.plans.run())
        try:
            await at.opens(POST)
            await at.asks("a boat?")
            await at.asks("two boats?")
            assert not notes(at)
            yield at, may
        finally:
            plans.cancel()
            await asyncio.gather(plans, return_exceptions=True)


async def test_a_note_says_that_somebody_took_it_up_who_did_so_while_it_was_made(tmp_path: Path) -> None:
    async with summed(tmp_path) as (at, may):
        await at.says("Which one?", CARA)
        may.set()
        await at.settles()
        (note,) = notes(at)
        assert "Claimed by Cara" in note.text
        assert [each.label for each in note.actions] == ["Claim", "Solved"]


async def test_nobody_is_told_of_a_case_that_was_forgotten_while_its_note_was_made(tmp_path: Path) -> None:
    async with summed(tmp_path) as (at, may):
        await at.rig.store.forget(ANA.key)
        may.set()
        await at.settles()
        assert not notes(at)


async def test_a_note_is_made_of_what_was_asked_while_it_was_made(tmp_path: Path) -> None:
    async with summed(tmp_path) as (at, may):
        third = await at.says("three boats?", addressed=Addressed.MENTION)
        await at.rig.helps.hand_over(third, channel=SPARING)
        may.set()
        await at.settles()
        assert len(notes(at)) == 1
        assert "three boats?" in at.questions[-1]


async def test_a_tag_solves_a_case_also_where_somebody_takes_it_up_at_the_same_moment(tmp_path: Path) -> None:
    halt = Halt("change_case begins")
    channel = replace(SPARING, notes=None)
    async with desk(tmp_path, ("One.",), channel=channel, around=halt.around) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        await at.asks("two boats?")
        opened = await at.rig.store.unsolved_case(POST)
        assert opened is not None
        tagging = asyncio.create_task(at.tags(POST, SOLVED))
        await settle()
        await at.says("That one.", CARA)
        halt.may.set()
        await tagging
        solved = await at.rig.store.case(opened.id)
        assert solved is not None
        assert solved.state is CaseState.SOLVED


@pytest.mark.parametrize("moment", ["talk ended", "join begins", "join ended", "open_turn begins", "open_turn ended"])
async def test_staff_who_answer_as_an_answer_begins_are_not_talked_over(tmp_path: Path, moment: str) -> None:
    halt = Halt()
    async with desk(tmp_path, ("Never.",), around=halt.around) as at:
        await at.opens(POST)
        await at.says("a boat?")
        halt.at.append(moment)
        await at.rig.passes(SETTLE_SECONDS)
        assert not halt.at
        await at.says("That one.", CARA)
        halt.may.set()
        await at.settles()
        assert "Never." not in at.texts


async def test_an_answer_that_begins_while_staff_silence_it_is_stopped(tmp_path: Path) -> None:
    gates = {"join begins": asyncio.Event(), "let_go begins": asyncio.Event()}
    goes_on, reached = asyncio.Event(), list[str]()

    async def waits(now: str, _result: object) -> None:
        if now in gates and now not in reached:
            reached.append(now)
            await gates[now].wait()

    async with desk(tmp_path, ("Nev", goes_on, "er."), around=in_store(waits)) as at:
        await at.opens(POST)
        await at.says("a boat?")
        await at.rig.passes(SETTLE_SECONDS)
        telling = asyncio.create_task(at.says("That one.", CARA))
        await settle()
        assert reached == ["join begins", "let_go begins"]
        gates["join begins"].set()
        await settle()
        assert at.questions
        gates["let_go begins"].set()
        await telling
        goes_on.set()
        await at.settles()
        assert not [each for each in at.texts if each.startswith("Nev")]

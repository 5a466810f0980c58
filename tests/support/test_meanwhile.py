"""What happens to a case while something about it is being told counts, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.talk.delivery import Delivery
from bot.talk.message import Addressed
from bot.talk.support import SupportChannel
from tests.fakes import ANA
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

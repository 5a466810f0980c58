"""What one part of a community's service makes reaches the others: languages, people who are called, figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.talk.message import Addressed
from bot.talk.oversight import Counted
from bot.talk.support import SupportChannel
from tests.fakes import ANA, START, said
from tests.languages.speakers import identifies
from tests.rig import Rig, rig
from tests.settling import settle
from tests.support.scene import HELP, STAFF_ROOM, THREAD, call, everybody

GERMAN = "dat ist ein Test mit Wort hast nicht gut"
CALLED = (call("needs_human", reason="it does not start"),)


@asynccontextmanager
async def asked(
    folder: Path, *scripts: tuple[object, ...], text: str = GERMAN, grounded: bool = False
) -> AsyncGenerator[Rig]:
    """A support channel of several languages; somebody asks in one that is not its first."""
    async with rig(folder, *scripts, rights=everybody(), identifies=identifies) as house:
        channel = SupportChannel(
            place=HELP, languages=("en", "de"), notes=STAFF_ROOM, grounded=grounded, staff=frozenset({"helpers"})
        )
        await house.store.save_support_channel(channel)
        await house.support.channels.refresh()
        plans = asyncio.create_task(house.plans.run())
        try:
            question = said(text, by=replace(ANA, locale="fr"), place=THREAD, addressed=Addressed.MENTION, at=START)
            await house.says(question)
            await house.passes(30)
            await house.idle()
            await settle()
            yield house
        finally:
            plans.cancel()
            await asyncio.gather(plans, return_exceptions=True)


async def test_a_case_is_in_the_language_in_which_was_asked_and_not_in_the_channels_first(tmp_path: Path) -> None:
    async with asked(tmp_path, CALLED, ("Hilfe kommt.",), ("Ana fragt.",)) as house:
        case = await house.store.unsolved_case(THREAD)
        assert case is not None
        assert case.language == "de"


async def test_an_answer_is_counted_in_the_language_in_which_it_is(tmp_path: Path) -> None:
    async with asked(tmp_path, ("Es ist der Schalter.",)) as house:
        day = START.date()
        counts = await house.store.support_counts("local", "marseille", first=day, last=day)
        assert [(each.what, each.language) for each in counts] == [(Counted.ANSWERED, "de")]


async def test_what_is_said_to_thanks_is_no_answer_that_could_be_wrong(tmp_path: Path) -> None:
    async with asked(tmp_path, ("You are welcome.",), text="Thanks!", grounded=True) as house:
        (told,) = [each for each in house.platform.standing.values() if each.reply_to is not None]
        assert told.actions == ()
        day = START.date()
        assert await house.store.support_counts("local", "marseille", first=day, last=day) == ()

"""What happens while a question gets its thread reaches it there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.support.settling import SETTLE_SECONDS
from bot.talk.event import Deleted
from tests.fakes import ANA, FakeEngine
from tests.hooks import in_store
from tests.settling import settle
from tests.support.desk import HELP, desk
from tests.support.test_in_threads import CHANNEL


async def test_a_question_that_is_deleted_while_it_moves_to_its_thread_is_not_answered_there(tmp_path: Path) -> None:
    may, goes_on = asyncio.Event(), asyncio.Event()

    async def waits(moment: str, _result: object) -> None:
        if moment == "homes ended":
            await may.wait()

    engine = FakeEngine(("Long. ", goes_on, "Answer."))
    async with desk(tmp_path, engine=engine, channel=CHANNEL, around=in_store(waits)) as at:
        asked = await at.says("my secret boat", ANA, HELP)
        at.threads.away = 1
        await at.rig.passes(SETTLE_SECONDS)
        deleting = asyncio.create_task(at.rig.hearing.hear(Deleted(place=HELP, message_ids=(asked.id,))))
        await settle()
        while not at.questions:
            await at.rig.passes(1)
        may.set()
        await deleting
        goes_on.set()
        await at.rig.idle()
        assert at.texts == []


async def test_what_is_added_while_the_thread_is_being_opened_gets_no_thread_of_its_own(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), channel=CHANNEL) as at:
        at.threads.away = 2
        asked = await at.says("my boat does not start", ANA, HELP)
        await at.rig.passes(SETTLE_SECONDS + 1)
        await at.says("it is a red one", ANA, HELP)
        await at.settles(20)
        assert list(at.threads.names) == [asked.id]
        assert len(at.texts) == 2

"""A process that dies at any moment of a case leaves one note, one claim and one answer of staff."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.settings import Limits, Settings
from bot.talk.message import Addressed, Message
from bot.talk.prompt import Chunk, Prompt
from tests.fakes import FakeClock, FakeEngine, FakePlatform, said
from tests.hooks import in_store
from tests.settling import settle
from tests.support.scene import STAFF_ROOM, THREAD, ZOE, Desk, asked, call, desk
from tests.thorough import some

MOMENTS = (
    "open_case begins",
    "open_case ended",
    "case_talk begins",
    "finish_run begins",
    "finish_run ended",
    "change_case begins",
    "change_case ended",
    "save_relay begins",
    "save_relay ended",
    "relay ended",
)
USUAL = ("open_case ended", "change_case begins", "relay ended")


class Knowing(FakeEngine):
    """Says what the prompt is for, in whichever process."""

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        last = prompt.pieces[-1].text
        if "Now the summary" in last:
            self.scripts = [("Ana asks why it does not start.",)]
        elif "needs_human" in last:
            self.scripts = [("It will be done.",)]
        else:
            self.scripts = [(call("needs_human", reason="it does not start"),)]
        async for chunk in super().stream(prompt, reply_tokens=reply_tokens):
            yield chunk


async def evening(one: Desk, question: Message) -> None:
    """Somebody asks, a person is called, who claims it and answers; what was done already is done again."""
    await one.asks(message=question)
    await one.minutes(2)
    for at, note in one.standing[:1]:
        if any(each.id.startswith("case-claim") for each in note.actions) and "Claimed" not in note.text:
            await one.presses("case-claim", by=ZOE, on=note)
        reply = said("Turn it.", by=ZOE, place=STAFF_ROOM, addressed=Addressed.REPLY, reply_to=at, message_id="r")
        await one.rig.says(reply)
    await one.minutes(2)


@pytest.mark.parametrize("moment", some(MOMENTS, USUAL))
async def test_after_a_death_at_any_moment_everything_has_happened_once(tmp_path: Path, moment: str) -> None:
    clock, platform, dead = FakeClock(), FakePlatform(), asyncio.Event()
    settings = Settings(limits=Limits(shutdown_seconds=0))

    async def dies(name: str, _: object) -> None:
        if name == moment and not dead.is_set():
            dead.set()
            await asyncio.Event().wait()

    question = asked("Why does it not start?")
    common = {"platform": platform, "clock": clock, "settings": settings}
    async with desk(tmp_path, engine=Knowing(), around=in_store(dies), **common) as one:  # pyright: ignore[reportArgumentType]
        living = asyncio.create_task(evening(one, question))
        await asyncio.wait([living, asyncio.create_task(dead.wait())], return_when=asyncio.FIRST_COMPLETED)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
    assert dead.is_set(), "the moment never came"
    async with desk(tmp_path, engine=Knowing(), **common) as one:  # pyright: ignore[reportArgumentType]
        await one.rig.take_up()
        await one.minutes(15)
        await evening(one, question)
        await one.minutes(15)
        await settle()
        (note,) = (each.text for _, each in one.standing)
        assert "Claimed by Zoe." in note
        there = [each for each in platform.standing.values() if each.conversation.place.id == THREAD.id]
        assert len([each for each in there if each.reply_to == question.id]) == 1
        assert [each.text for each in there if "Turn it." in each.text] == ["<eo> Turn it."]

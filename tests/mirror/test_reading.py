"""“Translate for me” answers one person in their language, and nobody learns what they cannot read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.errors import EngineUnreachable
from bot.talk.event import Commanded
from bot.talk.policy import Keep, Policy
from tests.fakes import ANA, BEN
from tests.mirror.scene import EN, STAFF, scene
from tests.settling import settle


async def test_it_is_translated_into_what_the_person_has_pinned_else_into_their_locale(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        ana = replace(ANA, locale="de")
        assert (await at.commands("translate", by=ana, message="m", words="Hello")).text == "de:Hello"
        told = await at.commands("translate", by=BEN, message="m", words="Hello")
        assert told.text == "ia:Hello"
        assert told.conversation.only == BEN.key


async def test_where_the_platform_does_not_tell_the_words_those_that_are_kept_are_translated(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.rig.store.save_policy(EN, Policy(keep=Keep.ALWAYS, announced=True))
        message = await at.says("Hello")
        assert (await at.commands("translate", by=BEN, message=message.id)).text == "ia:Hello"


async def test_what_the_person_cannot_read_is_not_there(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.rig.store.save_policy(STAFF, Policy(keep=Keep.ALWAYS, announced=True))
        message = await at.says("secret", STAFF)
        told = await at.commands("translate", by=BEN, place=STAFF, message=message.id)
        other = await at.commands("translate", by=BEN, place=STAFF, message="none")
        assert told.text == other.text == "I cannot see the words of that message."


async def test_what_is_in_their_language_already_is_not_repeated_and_failures_are_told(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        assert "already" in (await at.commands("translate", message="m", words="en:Hello")).text
        at.translates.away = EngineUnreachable("gone")
        assert "does not answer" in (await at.commands("translate", message="m", words="Hello")).text


async def test_too_many_who_wait_are_told_so_and_the_others_are_answered(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.translates.held = asyncio.Event()
        for _ in range(54):  # four are at it, fifty wait
            await at.rig.hearing.hear(
                Commanded(
                    name="translate",
                    person=BEN,
                    place=EN,
                    at=at.rig.clock.now(),
                    arguments={"message": "m", "words": "Hello"},
                )
            )
            await asyncio.sleep(0)
        await settle()
        assert at.platform.revisions == []
        assert "Too many" in (await at.commands("translate", message="m", words="Hello")).text
        at.translates.held.set()
        await settle()
        assert sum(each.text == "ia:Hello" for each in at.platform.revisions) == 54

"""What staff answer to a note is told in the thread in the asker's language, once, and nobody but staff is heard."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.ports.translation import Translated
from bot.talk.event import Deleted
from bot.talk.message import Person
from bot.talk.policy import Keep, Policy
from tests.fakes import ANA, BEN
from tests.hooks import in_store
from tests.support.scene import MOD, STAFF_ROOM, THREAD, ZOE, Desk, FakeTranslates, call, desk

CALLED = (call("needs_human", reason="the device does not start"),)
SCRIPTS = (CALLED, ("It will be done.",), ("Ana asks why it does not start.",))
ROBOT = Person(platform="local", id="robot", name="Robot", bot=True)


class Slow(FakeTranslates):
    """Nothing is translated before `may`."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def translated(self, *arguments: Any, **named: Any) -> Translated:
        await self.may.wait()
        return await super().translated(*arguments, **named)


def relayed(one: Desk) -> list[str]:
    return [f"{each.lead}: {each.text}" for each in one.in_thread if "answers" in each.lead]


async def test_an_answer_of_staff_is_told_translated_and_says_by_whom(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.replies("Please press the red button.", by=ZOE)
        assert relayed(one) == ["Zoe answers, translated by the model: <eo> Please press the red button."]
        assert "Claimed by Zoe." in one.note.text
        assert one.silenced == ["thread"]


async def test_nobody_else_answers_what_staff_wrote(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        asked = len(one.rig.engine.prompts)
        await one.replies("Please press the red button.", by=ZOE)
        assert len(one.rig.engine.prompts) == asked


async def test_the_original_is_a_press_away_for_those_in_the_thread(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.replies("Please press the red button.", by=ZOE)
        told = one.in_thread[-1]
        assert await one.presses("case-original", by=ANA, place=THREAD, on=told) == "Please press the red button."
        elsewhere = await one.presses("case-original", by=ANA, place=STAFF_ROOM, on=told)
        assert "red button" not in elsewhere


async def test_what_is_in_the_askers_language_already_is_not_called_translated(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.replies("<eo> Appuyez.", by=ZOE)
        assert relayed(one) == ["Zoe answers: <eo> Appuyez."]
        assert not one.in_thread[-1].actions


async def test_what_cannot_be_translated_is_told_as_it_is(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS, translates=FakeTranslates(fails=("button",))) as one:
        await one.asks()
        await one.replies("Please press the red button.", by=ZOE)
        assert relayed(one) == ["Zoe answers; it could not be translated: Please press the red button."]


async def test_an_answer_that_is_told_to_us_again_is_told_once(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        for _ in range(3):
            await one.replies("Please press the red button.", by=ZOE, message_id="reply-1")
        platform, clock = one.platform, one.rig.clock
        standing = one.standing
    async with desk(tmp_path, platform=platform, clock=clock) as one:
        assert one.standing == standing
        await one.replies("Please press the red button.", by=ZOE, message_id="reply-1")
        await one.minutes(1)
        assert len(relayed(one)) == 1


async def test_nobody_but_staff_is_relayed(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        for by in (BEN, ROBOT, Person(platform="local", id="stranger", name="Zoe")):
            await one.replies("Send your password to me.", by=by)
        assert not relayed(one)


async def test_what_we_said_ourselves_is_no_answer_of_staff(tmp_path: Path) -> None:
    """Not even where a platform tells us of it, with the key of a moderator."""
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        await one.replies("Please press the red button.", by=ZOE)
        ours = Person(platform="local", id=MOD.id, name="Calanque", bot=True)
        await one.replies(one.in_thread[-1].text, by=ours)
        assert len(relayed(one)) == 1


async def test_a_reply_that_we_may_not_read_is_said_to_be_so_in_the_room_of_staff(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        reply = await one.replies("", by=ZOE)
        assert not relayed(one)
        (told,) = [each for _, each in one.standing if each.reply_to == reply.id]
        assert "mention of me left on" in told.text


async def test_staff_are_told_where_nobody_can_read_what_they_answered(tmp_path: Path) -> None:
    """The thread was deleted or locked, or we may not write there any more."""
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.asks()
        one.rights.barred = [THREAD.id]
        reply = await one.replies("Please press the red button.", by=ZOE)
        assert not relayed(one)
        (told,) = [each for _, each in one.standing if each.reply_to == reply.id]
        assert told.text.startswith("I could not pass this on")
        assert "Nobody has taken this up yet." in one.standing[0][1].text
        assert not one.silenced


async def test_an_answer_that_staff_delete_goes_from_the_thread(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.rig.store.save_policy(STAFF_ROOM, Policy(keep=Keep.ALWAYS, announced=True))
        await one.asks()
        reply = await one.replies("Please press the red button.", by=ZOE)
        assert relayed(one)
        told = one.in_thread[-1]
        await one.rig.hearing.hear(Deleted(place=STAFF_ROOM, message_ids=(reply.id,)))
        await one.minutes(1)
        assert not [each for each in relayed(one) if "red button" in each]
        assert "not kept" in await one.presses("case-original", by=ANA, place=THREAD, on=told)


async def test_what_staff_wrote_is_told_only_when_it_is_written_down_itself(tmp_path: Path) -> None:
    """Else what was told would not go with it."""
    may = asyncio.Event()
    may.set()

    async def waits(moment: str, _result: object) -> None:
        if moment == "record_all begins":
            await may.wait()

    async with desk(tmp_path, *SCRIPTS, around=in_store(waits)) as one:
        await one.rig.store.save_policy(STAFF_ROOM, Policy(keep=Keep.ALWAYS, announced=True))
        await one.asks()
        may.clear()
        replying = asyncio.create_task(one.replies("Please press the red button.", by=ZOE))
        await one.minutes(1)
        early = relayed(one)
        may.set()
        reply = await replying
        assert not early
        await one.minutes(1)
        assert relayed(one)
        await one.rig.hearing.hear(Deleted(place=STAFF_ROOM, message_ids=(reply.id,)))
        await one.minutes(1)
        assert not [each for each in relayed(one) if "red button" in each]


async def test_who_answers_has_claimed_a_case_that_another_marked_as_seen_meanwhile(tmp_path: Path) -> None:
    slow = Slow()
    async with desk(tmp_path, *SCRIPTS, translates=slow) as one:
        await one.asks()
        await one.replies("Please press the red button.", by=ZOE)
        await one.presses("case-see", by=MOD)
        assert "Seen by Mod" in one.note.text
        slow.may.set()
        await one.minutes(1)
        assert "Claimed by Zoe" in one.note.text


async def test_an_answer_that_staff_delete_while_it_is_translated_is_not_told(tmp_path: Path) -> None:
    slow = Slow()
    async with desk(tmp_path, *SCRIPTS, translates=slow) as one:
        await one.asks()
        reply = await one.replies("Please press the red button.", by=ZOE)
        await one.rig.hearing.hear(Deleted(place=STAFF_ROOM, message_ids=(reply.id,)))
        slow.may.set()
        await one.minutes(1)
        assert not relayed(one)


async def test_nothing_at_all_stands_for_an_answer_that_staff_have_deleted(tmp_path: Path) -> None:
    async with desk(tmp_path, *SCRIPTS) as one:
        await one.rig.store.save_policy(STAFF_ROOM, Policy(keep=Keep.ALWAYS, announced=True))
        await one.asks()
        reply = await one.replies("Please press the red button.", by=ZOE)
        await one.rig.hearing.hear(Deleted(place=STAFF_ROOM, message_ids=(reply.id,)))
        await one.minutes(1)
        assert not relayed(one)

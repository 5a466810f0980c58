"""A note that changes while it is being sent shows in the end how the case stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import PlatformUnavailable
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import Addressed
from tests.fakes import START, FakePlatform, said
from tests.settling import settle
from tests.support.scene import MOD, STAFF_ROOM, ZOE, call, desk

CALLED = (call("needs_human", reason="the device does not start"),)
SCRIPTS = (CALLED, ("It will be done.",), ("Ana asks why it does not start.",))


class Held(FakePlatform):
    """What staff are told waits for `may`, and fails once where it holds the words `fails`, and so many times as it is
    `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.may.set()
        self.fails = ""
        self.away = 0
        self.sent = 0

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if delivery.conversation.place == STAFF_ROOM:
            await self.may.wait()
            if self.away:
                self.away -= 1
                raise PlatformUnavailable("a test wants it so")
            if self.fails and self.fails in delivery.text:
                self.fails = ""
                raise PlatformUnavailable("a test wants it so")
            self.sent += not shown.messages
        return await super().deliver(delivery, shown)


class Late(FakePlatform):
    """What staff are told stands there before we hear that it does, which is when it `may`."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.may.set()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        now = await super().deliver(delivery, shown)
        if delivery.conversation.place == STAFF_ROOM:
            await self.may.wait()
        return now


async def test_a_claim_is_shown_that_came_while_the_note_was_edited_also_where_it_fails_at_first(
    tmp_path: Path,
) -> None:
    platform = Held()
    async with desk(tmp_path, *SCRIPTS, platform=platform) as one:
        await one.asks()
        platform.fails = "Claimed"
        platform.may.clear()
        pressing = [asyncio.create_task(one.presses("case-see", by=MOD))]
        await settle()
        pressing.append(asyncio.create_task(one.presses("case-claim", by=ZOE)))
        await settle()
        platform.may.set()
        await asyncio.gather(*pressing)
        await one.minutes(2)
        assert "Claimed by Zoe" in one.note.text


async def test_a_claim_that_came_while_a_note_was_sent_after_many_tries_is_shown_soon(tmp_path: Path) -> None:
    """The pause between tries has grown by then, and the platform is well."""
    platform = Held()
    async with desk(tmp_path, *SCRIPTS, platform=platform) as one:
        platform.away = 6
        await one.asks()
        case = await one.rig.store.unsolved_case(one.in_thread[0].conversation.place)
        assert case is not None
        await one.rig.passes(40)
        assert platform.away == 0
        platform.may.clear()
        await one.rig.passes(60)
        pressing = asyncio.create_task(one.rig.presses(f"case-claim:{case.id}", by=ZOE, place=STAFF_ROOM))
        await settle()
        platform.may.set()
        await pressing
        await one.rig.passes(3)
        assert "Claimed by Zoe" in one.note.text


async def test_a_note_whose_case_is_claimed_while_it_is_first_sent_is_sent_once(tmp_path: Path) -> None:
    platform = Held()
    async with desk(tmp_path, *SCRIPTS, platform=platform) as one:
        platform.may.clear()
        await one.asks()
        case = await one.rig.store.unsolved_case(one.in_thread[0].conversation.place)
        assert case is not None
        pressing = asyncio.create_task(one.rig.presses(f"case-claim:{case.id}", by=ZOE, place=STAFF_ROOM))
        await settle()
        platform.may.set()
        await pressing
        await one.minutes(2)
        assert "Claimed by Zoe" in one.note.text
        assert platform.sent == 1


async def test_an_answer_to_a_note_before_we_know_that_it_stands_is_told(tmp_path: Path) -> None:
    platform = Late()
    async with desk(tmp_path, *SCRIPTS, platform=platform) as one:
        platform.may.clear()
        await one.asks()
        replying = asyncio.create_task(one.replies("Please press the red button.", by=ZOE))
        await settle()
        platform.may.set()
        await one.minutes(1)
        await replying
        await one.minutes(1)
        assert [each.text for each in one.in_thread if "red button" in each.text]


async def test_an_answer_to_something_else_does_not_wait_for_ever_for_a_note_that_may_stand_there(
    tmp_path: Path,
) -> None:
    platform = Late()
    async with desk(tmp_path, *SCRIPTS, platform=platform) as one:
        platform.may.clear()
        await one.asks()
        other = said("Yes.", by=ZOE, place=STAFF_ROOM, addressed=Addressed.NO, reply_to="other", at=START)
        saying = asyncio.create_task(one.rig.says(other))
        await one.minutes(1)
        assert saying.done()
        platform.may.set()

"""Questions that came too late: written down, never answered, and their place is told once, over crashes and clocks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.answer.late import Late
from bot.errors import DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.talk.delivery import Delivery
from bot.talk.event import CaughtUp, Said, Tick
from bot.talk.message import Addressed, Place, PlaceKind
from bot.talk.record import Outgoing
from tests.fakes import ANA, BEN, GENERAL, START, FakeClock, FakeCounters, FakePlatform, said
from tests.hooks import in_store
from tests.rig import Rig, rig
from tests.settling import settle

MINUTE = Tick(name="minute", at=START)
HOUR = timedelta(hours=1)
AWAY = "I was away when you asked this; ask me again if it still matters."
DIRECT = Place(platform="local", id="direct", kind=PlaceKind.DIRECT)


def notices(platform: FakePlatform) -> list[Delivery]:
    return [each for each in platform.standing.values() if each.text.startswith("I was away")]


async def missed(house: Rig, *texts: str, age: timedelta = HOUR, place: Place = GENERAL) -> None:
    for number, text in enumerate(texts):
        message = said(text, at=START - age + timedelta(seconds=number), place=place, message_id=text)
        await house.hearing.hear(Said(message=message, age=age))


async def caught_up(house: Rig) -> None:
    await house.hearing.hear(CaughtUp(platform="local"))


async def test_what_was_asked_too_long_ago_is_written_down_and_its_place_told_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await missed(house, "one?", "two?", "three?")
        await missed(house, "psst?", place=DIRECT)
        await house.idle()
        assert notices(house.platform) == []
        await caught_up(house)
        await caught_up(house)
        told = {each.conversation.place.id: each for each in notices(house.platform)}
        assert told[GENERAL.id].text == "I was away and missed 3 questions here; ask me again if they still matter."
        assert told[GENERAL.id].reply_to == "three?"
        assert told["direct"].text == AWAY
        assert len(notices(house.platform)) == 2
        assert house.engine.prompts == []
        assert house.counters.get("questions_late_total") == 4


async def test_it_is_part_of_what_the_next_question_overhears(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Yes.",)) as house:
        await missed(house, "is the harbour open?")
        await caught_up(house)
        await house.says(said("well?"))
        await house.platform.final("Yes.")
        assert "is the harbour open?" in house.asked()


async def test_a_question_within_the_limit_is_answered_however_our_clock_stands(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.jump(2 * 3600)
    async with rig(tmp_path, ("Yes.",), ("Still yes.",), clock=clock) as house:
        await missed(house, "recent?", age=timedelta(minutes=29))
        await house.platform.final("Yes.")
        clock.jump(-4 * 3600)
        await house.says(said("live?"))
        await house.platform.final("Still yes.")
        await caught_up(house)
        assert notices(house.platform) == []


async def test_a_crash_before_the_notice_loses_it_not(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await missed(house, "one?")
        await house.idle()
    async with rig(tmp_path, platform=house.platform) as again:
        await again.take_up()
        await missed(again, "one?", "two?")  # what was heard already is told again
        await caught_up(again)
        (notice,) = notices(again.platform)
        assert (notice.reply_to, notice.text[:25]) == ("two?", "I was away and missed 2 q")
        assert again.engine.prompts == []
    async with rig(tmp_path, platform=house.platform) as third:
        await third.take_up()
        await caught_up(third)
        assert len(notices(third.platform)) == 1


async def test_what_an_earlier_process_left_too_long_ago_is_owed_the_notice_too(tmp_path: Path) -> None:
    clock = FakeClock()
    async with rig(tmp_path, clock=clock) as house:
        message = said("left over?", by=BEN)
        await house.store.record(message, keep=True)
    await clock.advance(3600)
    async with rig(tmp_path, platform=house.platform, clock=clock) as again:
        await again.take_up()
        await again.idle()
        await caught_up(again)
        (notice,) = notices(again.platform)
        assert notice.reply_to == message.id
        assert again.engine.prompts == []


async def test_a_notice_that_cannot_be_written_down_is_told_later(tmp_path: Path) -> None:
    failing = True

    async def at(moment: str, _given: object) -> None:
        if failing and moment == "close_late begins":
            raise DatabaseUnusable("the disk is full")

    async with rig(tmp_path, around=in_store(at)) as house:
        await missed(house, "one?")
        await caught_up(house)
        assert notices(house.platform) == []
        await house.hearing.hear(MINUTE)
        assert notices(house.platform) == []
        failing = False
        await house.hearing.hear(MINUTE)
        await house.hearing.hear(MINUTE)
        assert len(notices(house.platform)) == 1


async def test_what_comes_while_a_notice_cannot_be_written_down_is_in_the_next_one() -> None:
    closed: list[list[str]] = []
    go, failing = asyncio.Event(), True

    class Closing:
        async def close_late(self, _place: Place, ids: list[str], _notice: Delivery) -> tuple[Outgoing, ...]:
            await go.wait()
            if failing:
                raise DatabaseUnusable("the disk is full")
            closed.append(list(ids))
            return ()

    store: Any = Closing()
    late = Late(store, store, answer_after=HOUR, phrases=Phrases("en"), clock=FakeClock(), counters=FakeCounters())
    late.owe(said("one", message_id="1"))
    settling = asyncio.create_task(late.settle("local"))
    await settle()
    late.owe(said("two", message_id="2"))
    go.set()
    await settling
    failing = False
    await late.again()
    assert closed == [["1", "2"]]
    await late.settle("local")
    assert closed == [["1", "2"]]


async def test_before_it_was_caught_up_a_minute_that_passes_tells_nobody(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await missed(house, "one?")
        await house.hearing.hear(MINUTE)
        assert notices(house.platform) == []


async def test_chatter_that_was_missed_is_no_question(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        message = said("lovely weather", by=ANA, addressed=Addressed.NO)
        await house.hearing.hear(Said(message=message, age=HOUR))
        await caught_up(house)
        assert notices(house.platform) == []

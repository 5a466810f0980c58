"""How many may wait holds from the first moment, also while the engine is only being looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.answer.refusals import PLACES, STANDS_SECONDS
from bot.lanes.lanes import Bounds
from bot.settings import Limits, Settings
from bot.talk.event import Deleted, Said
from bot.talk.message import Message, Place
from bot.talk.prompt import Engine
from tests.fakes import BEN, GENERAL, FakeEngine, FakePlatform, said
from tests.rig import Rig, rig

BOUNDS = Bounds(slots=1, queue=5, queue_per_person=3, seconds=600)
TWO_SLOTS = replace(BOUNDS, slots=2)
AT_ONCE = Settings().model_copy(update={"limits": Limits(shutdown_seconds=0)})


class Loading(FakeEngine):
    """Takes until the gate opens to load its model."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = asyncio.Event()

    async def probe(self) -> Engine:
        await self.loaded.wait()
        return await super().probe()


def refused(house: Rig) -> int:
    return sum("Too many people" in each.text for each in house.platform.standing.values())


async def closed(house: Rig, number: int) -> None:
    """So many questions were refused."""
    async with asyncio.timeout(30):
        while sum(house.counters.get("answers_refused_total", told=told) for told in ("true", "false")) < number:
            await house.store.fact("a trip to a thread of the store")


async def test_while_the_model_is_loaded_only_so_many_questions_wait_and_the_others_are_refused_at_once(
    tmp_path: Path,
) -> None:
    engine = Loading()
    async with rig(tmp_path, engine=engine, bounds=BOUNDS) as house:
        for number in range(60):
            await house.says(said(f"question {number}", place=Place(platform="local", id=f"{number}")))
        await closed(house, 57)
        assert len(house.platform.typed) == house.lanes.waiting == 3
        for number in range(4):
            await house.says(said("me too", by=BEN, place=Place(platform="local", id=f"of ben {number}")))
        await closed(house, 59)
        assert house.lanes.waiting == 5
        engine.loaded.set()
        await house.idle()
        assert len(engine.prompts) == 5
        assert house.lanes.waiting == 0
        assert refused(house) == 2 + PLACES


async def test_somebody_who_writes_on_and_on_is_told_once_that_it_is_too_much_and_everything_is_closed(
    tmp_path: Path,
) -> None:
    engine = Loading()
    async with rig(tmp_path, engine=engine, bounds=BOUNDS) as house:
        for number in range(40):
            await house.says(said(f"answer me {number}"))
        await closed(house, 37)
        await house.says(said("and what about me?", by=BEN))
        await house.says(said("and what about me?", by=BEN))
        await house.says(said("and what about me?", by=BEN))
        await closed(house, 38)
        engine.loaded.set()
        await house.idle()
        assert refused(house) == 2
        assert len(engine.prompts) == 5
        assert await house.answers.unanswered() == ()
        assert house.counters.get("answers_refused_total", told="false") == 36


async def test_what_somebody_was_told_does_not_stand_for_ever(tmp_path: Path) -> None:
    engine = Loading()
    async with rig(tmp_path, engine=engine, bounds=BOUNDS) as house:
        for number in range(5):
            await house.says(said(f"answer me {number}"))
        await closed(house, 2)
        await house.clock.advance(STANDS_SECONDS)
        await house.says(said("once more"))
        await closed(house, 3)
        engine.loaded.set()
        await house.idle()
        assert refused(house) == 2


def told(house: Rig, questions: Sequence[Message]) -> list[list[str]]:
    """What stands as an answer to each."""
    standing = house.platform.standing.values()
    return [[each.text for each in standing if each.reply_to == question.id] for question in questions]


def asked(count: int) -> tuple[Message, ...]:
    return tuple(said(f"question {number}") for number in range(count))


@pytest.mark.parametrize("begun", [True, False])
async def test_what_one_person_asked_while_we_were_away_is_all_answered_in_its_order(
    tmp_path: Path, begun: bool
) -> None:
    """Caught up, or left by an earlier process."""
    questions, scripts = asked(7), [(f"answer {number}",) for number in range(7)]
    if begun:
        async with rig(tmp_path, engine=Loading(), settings=AT_ONCE) as house:
            for question in questions:
                await house.says(question)
            await house.store.fact("a trip to a thread of the store")
    async with rig(tmp_path, *scripts, bounds=BOUNDS) as house:
        if begun:
            await house.take_up()
        for question in questions:
            await house.hearing.hear(Said(message=question, age=timedelta(minutes=5)))
        await house.idle()
        assert told(house, questions) == [[f"answer {number}"] for number in range(7)]
        assert await house.answers.unanswered() == ()
        assert house.lanes.waiting == 0


async def test_those_who_wait_for_room_keep_nobody_else_waiting_and_may_be_deleted_or_left_to_the_next_start(
    tmp_path: Path,
) -> None:
    questions, gate = asked(6), asyncio.Event()
    async with rig(tmp_path, ("0", gate), ("of ben",), ("1",), bounds=TWO_SLOTS, settings=AT_ONCE) as house:
        for question in questions:
            await house.hearing.hear(Said(message=question, age=timedelta(minutes=5)))
        await house.engine.asked.wait()
        await house.passes(1)
        assert house.lanes.waiting == 3
        await house.says(said("and I?", by=BEN, place=Place(platform="local", id="elsewhere")))
        await house.platform.final("of ben")
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(questions[4].id,)))
        await house.passes(1)
    async with rig(tmp_path, *[(f"answer {number}",) for number in range(6)], bounds=BOUNDS) as again:
        left = await again.answers.unanswered()
        assert [each.id for each in left] == [each.id for each in questions if each is not questions[4]]
        await again.take_up()
        await again.idle()
        assert await again.answers.unanswered() == ()


async def test_of_more_than_may_wait_for_room_each_is_told_so(tmp_path: Path) -> None:
    engine, questions = Loading(), asked(9)
    settings = Settings().model_copy(update={"limits": Limits(queue=4)})
    async with rig(tmp_path, engine=engine, bounds=BOUNDS, settings=settings) as house:
        for question in questions:
            await house.hearing.hear(Said(message=question, age=timedelta(minutes=5)))
        await closed(house, 2)
        engine.loaded.set()
        await house.idle()
        assert refused(house) == 2
        assert [len(each) for each in told(house, questions)] == [1] * 9
        assert len(engine.prompts) == 7


async def test_half_an_answer_of_an_earlier_process_stands_until_there_is_room_for_the_whole(tmp_path: Path) -> None:
    question, platform, engine = said("a story?"), FakePlatform(), Loading()
    async with rig(tmp_path, ("Once upon", asyncio.Event()), platform=platform, settings=AT_ONCE) as house:
        await house.says(question)
        await platform.until(lambda each: each.text == "Once upon")
    half = told(house, [question])
    settings = Settings().model_copy(update={"limits": Limits(queue=1)})
    async with rig(tmp_path, engine=engine, platform=platform, bounds=BOUNDS, settings=settings) as again:
        for other in asked(4):
            await again.hearing.hear(Said(message=other, age=timedelta(minutes=5)))
        await again.take_up()
        await again.passes(3)
        assert told(again, [question]) == half
        engine.loaded.set()
        await again.idle()
        ((text,),) = told(again, [question])
        assert "Once upon" not in text
        assert "Too many people" not in text
        assert len(engine.prompts) == 5

"""How many may wait holds from the first moment, also while the engine is only being looked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.answer.refusals import PLACES, STANDS_SECONDS
from bot.lanes.lanes import Bounds
from bot.talk.message import Place
from bot.talk.prompt import Engine
from tests.fakes import BEN, FakeEngine, said
from tests.rig import Rig, rig

BOUNDS = Bounds(slots=1, queue=5, queue_per_person=3, seconds=600)


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
    async with asyncio.timeout(10):
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

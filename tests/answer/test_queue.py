"""How many may wait holds from the first moment, also while the engine is only being looked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

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


async def test_while_the_model_is_loaded_only_so_many_questions_wait_and_the_others_are_told_at_once(
    tmp_path: Path,
) -> None:
    engine = Loading()
    async with rig(tmp_path, engine=engine, bounds=BOUNDS) as house:
        for number in range(60):
            await house.says(said(f"question {number}", place=Place(platform="local", id=f"{number}")))
        async with asyncio.timeout(10):
            while refused(house) < 57:
                await house.store.fact("a trip to a thread of the store")
        assert len(house.platform.typed) == house.lanes.waiting == 3
        for number in range(4):
            await house.says(said("me too", by=BEN, place=Place(platform="local", id=f"of ben {number}")))
        async with asyncio.timeout(10):
            while refused(house) < 59:
                await house.store.fact("a trip to a thread of the store")
        assert house.lanes.waiting == 5
        engine.loaded.set()
        await house.idle()
        assert len(engine.prompts) == 5
        assert house.lanes.waiting == 0

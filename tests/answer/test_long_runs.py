"""Long random lives of a channel: whatever happens, the promises about prompts and answers hold at every step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from bot.talk.prompt import Engine
from tests.answer.lives import SETTINGS, WINDOW, IdleLife, Life
from tests.answer.living_engine import LivingEngine
from tests.fakes import FakePlatform
from tests.rig import rig

pytestmark = pytest.mark.thorough

STEPS = 80
STARTS, STEPS_BETWEEN = 2, 25

Doing = Callable[[], Awaitable[None]]


def usual(life: Life) -> dict[Doing, int]:
    """What people do, and how often."""
    return {
        life.question: 8,
        life.two_questions: 2,
        life.stopped: 3,
        life.failed: 1,
        life.broken_off: 1,
        life.overheard: 8,
        life.edited: 2,
        life.question_edited: 1,
        life.deleted: 2,
        life.deleted_in_mid_answer: 1,
        life.forgotten: 1,
        life.clock_set: 1,
    }


async def lived(life: Life, doings: dict[Doing, int], steps: int) -> None:
    for _ in range(steps):
        (doing,) = life.random.choices(list(doings), list(doings.values()))
        await doing()


@pytest.mark.parametrize("seed", range(6))
async def test_the_promises_hold_through_a_random_life(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    engine = LivingEngine(random, Engine(name="fake", model="fake", window=WINDOW, tools=True))
    async with rig(tmp_path, engine=engine, settings=SETTINGS) as house:
        life = Life(house, random, engine)
        life.begins(house)
        await lived(life, usual(life), STEPS)
        await life.question()
        assert house.counters.get("prefix_breaks_total", cause="cut") >= 2
        assert await house.answers.unanswered() == ()
        assert house.lanes.waiting == 0


@pytest.mark.parametrize("seed", range(4))
async def test_the_promises_hold_while_idle_work_is_done_and_engines_are_exchanged(tmp_path: Path, seed: int) -> None:
    random, platform = Random(seed), FakePlatform()
    engine = LivingEngine(
        random, Engine(name="fake", model="fake", window=WINDOW, tools=True, kv_bytes=1.0, host_cache_bytes=5000)
    )
    life: IdleLife | None = None
    for _ in range(STARTS):
        async with rig(tmp_path, engine=engine, platform=platform, settings=SETTINGS, tending=True) as house:
            life = life or IdleLife(house, random, engine)
            life.begins(house)
            idle: dict[Doing, int] = {
                life.pause: 6,
                life.long_pause: 1,
                life.while_noting: 2,
                life.while_reading: 2,
                life.elsewhere: 1,
                life.exchanged: 1,
            }
            await lived(life, {**usual(life), **idle}, STEPS_BETWEEN)
            await life.question()
            assert await house.answers.unanswered() == ()
            assert house.lanes.waiting == 0

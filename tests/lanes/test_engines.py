"""The operator's engine serves everybody; the demo stands in only where it may, and only while it must."""

from __future__ import annotations

import pytest

from bot.errors import EngineRefused, EngineUnreachable, ModelMissing
from bot.lanes.engines import BAD_FOR_SECONDS, GOOD_FOR_SECONDS, Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.talk.message import Place
from bot.talk.prompt import Engine
from tests.fakes import GENERAL, FakeClock, FakeCounters, FakeEngine

BOUNDS = Bounds(slots=1, queue=3, queue_per_person=2, seconds=60)
DISCORD = Place(platform="discord", id="1")
DEMO = Engine(name="demo", model="demo", window=8192, demo=True)


def made(main: FakeEngine, *, demo: bool = True) -> tuple[Engines, FakeClock]:
    clock = FakeClock()
    counters = FakeCounters()
    spare = Lanes(FakeEngine(engine=DEMO), BOUNDS, clock=clock, counters=counters) if demo else None
    lanes = Lanes(main, BOUNDS, clock=clock, counters=counters)
    engines = Engines(lanes, spare, demo_platforms={"local"}, clock=clock, counters=counters)
    return engines, clock


@pytest.mark.parametrize("error", [EngineUnreachable(), ModelMissing()])
async def test_while_the_engine_is_away_the_page_gets_the_demo_and_discord_an_error(error: EngineUnreachable) -> None:
    main = FakeEngine()
    main.away = error
    engines, _ = made(main)
    assert (await engines.seat(GENERAL)).engine.demo
    assert engines.serving("local") == DEMO
    with pytest.raises(type(error)):
        await engines.seat(DISCORD)


async def test_an_engine_that_refuses_is_not_covered_up_by_the_demo() -> None:
    main = FakeEngine()
    main.away = EngineRefused()
    engines, _ = made(main)
    with pytest.raises(EngineRefused):
        await engines.seat(GENERAL)


async def test_without_a_demo_the_page_gets_the_error_too() -> None:
    main = FakeEngine()
    main.away = EngineUnreachable()
    engines, _ = made(main, demo=False)
    with pytest.raises(EngineUnreachable):
        await engines.seat(GENERAL)


async def test_it_recovers_by_itself_soon_after_the_engine_is_back() -> None:
    main = FakeEngine()
    main.away = EngineUnreachable()
    engines, clock = made(main)
    assert (await engines.seat(GENERAL)).engine.demo
    main.away = None
    await clock.advance(BAD_FOR_SECONDS)
    assert not (await engines.seat(GENERAL)).engine.demo


async def test_a_failed_request_ends_the_belief_in_an_engine_at_once() -> None:
    main = FakeEngine()
    engines, clock = made(main)
    await engines.seat(DISCORD)
    main.away = EngineUnreachable()
    assert not (await engines.seat(DISCORD)).engine.demo
    engines.forget()
    with pytest.raises(EngineUnreachable):
        await engines.seat(DISCORD)
    assert engines.serving("discord") is None
    await clock.advance(GOOD_FOR_SECONDS)

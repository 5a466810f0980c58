"""What the program makes of what it knows of itself: what is stuck or away, told from what only waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.app.checks import OVERDUE_SECONDS, STUCK_SECONDS, UNDELIVERED, Known, Watched, checks, probes
from bot.app.parts import Platforms, Shared
from bot.errors import DatabaseUnusable, EngineUnreachable
from bot.lanes.engines import Engines
from bot.lanes.lanes import Lanes
from bot.languages.phrases import Phrases
from bot.operate.attended import Attended
from bot.operate.checks import Readiness, Standing, ready
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.ports import Platform
from bot.settings import Settings
from bot.talk.delivery import DeliveryState
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.record import Backlog
from tests.fakes import ANA, BEN, GENERAL, START, FakeClock, FakeEngine, FakePlatform
from tests.rig import BOUNDS
from tests.settling import settle

FIRST, STALL = 100.0, 10.0
TALK = Conversation(place=GENERAL)
THERE = Conversation(place=replace(GENERAL, id="there"))


class HandClock(SystemClock):
    """Passes for the system's, and is moved by hand."""

    def __init__(self) -> None:
        self.hand = FakeClock()

    def now(self) -> datetime:
        return self.hand.now()

    def monotonic(self) -> float:
        return self.hand.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.hand.sleep(seconds)


@dataclass(slots=True)
class Ground:
    """A store and an engine, as far as they are asked how they are."""

    backlog_is: Backlog = field(default_factory=Backlog)
    fails: Exception | None = None
    away: Exception | None = None
    written: dict[str, str] = field(default_factory=dict[str, str])

    async def tally(self, platforms: Collection[str]) -> Backlog:
        if self.fails is not None:
            raise self.fails
        return self.backlog_is

    async def save_fact(self, name: str, value: str) -> None:
        self.written[name] = value

    async def present(self) -> None:
        if self.away is not None:
            raise self.away


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    ground: Ground
    clock: FakeClock
    counters: MemoryCounters
    connected: asyncio.Event
    engine: FakeEngine
    lanes: Lanes
    engines: Engines
    main: Attended
    readiness: Readiness
    known: Known

    async def look(self) -> dict[str, Standing]:
        return {each.name: each for each in await self.readiness.look(seconds=5)}

    async def wrong(self) -> set[str]:
        """The checks that find something wrong."""
        return {name for name, each in (await self.look()).items() if not each.verdict.well}

    async def passes(self, seconds: float) -> set[str]:
        """Time, looked at every ten seconds as the watchdog does; what is wrong at the end."""
        while seconds > 0:
            await self.clock.advance(min(10.0, seconds))
            seconds -= 10
            await self.readiness.look(seconds=5)
        return await self.wrong()


@asynccontextmanager
async def house(*scripts: tuple[object, ...], platform: str = "discord", demo: bool = False) -> AsyncGenerator[House]:
    clock, counters, ground, connected = HandClock(), MemoryCounters(), Ground(), asyncio.Event()
    engine = FakeEngine(*scripts)  # pyright: ignore[reportArgumentType] # checked where played
    shared = Shared(settings=Settings(), phrases=Phrases(), clock=clock, counters=counters)
    main = Attended(engine, first=FIRST, stall=STALL, clock=clock)
    lanes = Lanes(main, BOUNDS, clock=clock, counters=counters)
    tiny = FakeEngine(engine=replace(engine.engine, name="embedded", model="tiny", demo=True))
    engines = Engines(
        lanes,
        Lanes(tiny, BOUNDS, clock=clock, counters=counters) if demo else None,
        demo_platforms=("local",),
        clock=clock,
        counters=counters,
    )
    by_name: dict[str, Platform] = {platform: FakePlatform(platform)}
    platforms = Platforms(by_name=by_name, ready={platform: connected})
    watched = Watched(
        shared=shared, store=ground, platforms=platforms, engines=engines, main=main, present=ground.present
    )
    known = Known()
    known.phase = replace(known.phase, well=True)
    both = probes(watched, known)
    readiness = Readiness(checks(watched, known, database=both[0], engine=both[1]), probes=both, clock=clock)
    connected.set()
    tasks = [asyncio.create_task(probe.run()) for probe in both]
    try:
        yield House(
            ground=ground,
            clock=clock.hand,
            counters=counters,
            connected=connected,
            engine=engine,
            lanes=lanes,
            engines=engines,
            main=main,
            readiness=readiness,
            known=known,
        )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_all_is_well_at_rest_however_long() -> None:
    async with house() as made:
        assert await made.passes(3600) == set()
        assert list(made.ground.written) == ["last-check"]


async def test_each_part_that_is_away_is_named_and_comes_back() -> None:
    async with house() as made:
        made.connected.clear()
        made.ground.fails = DatabaseUnusable("The database is locked.")
        made.ground.away = EngineUnreachable("Ollama does not answer")
        assert await made.wrong() == {"discord", "database", "engine"}
        told = (await made.look())["engine"]
        assert (told.verdict.found, told.since) == ("Ollama does not answer", START)
        made.connected.set()
        made.ground.fails = made.ground.away = None
        assert await made.passes(5) == set()


async def test_on_discord_no_demo_stands_in_and_on_the_page_alone_it_does() -> None:
    for platform, well in (("discord", False), ("local", True)):
        async with house(platform=platform, demo=True) as made:
            made.ground.away = made.engine.away = EngineUnreachable("Ollama does not answer")
            assert not (await made.look())["engine"].verdict.well
            await made.engines.seat(replace(GENERAL, platform="local"))
            await made.clock.advance(60)
            told = (await made.look())["engine"].verdict
            assert told.well is well
            assert "Ollama does not answer" in told.found
            assert ("the demo model tiny" in told.found) is well


async def test_a_line_that_the_engine_is_not_asked_for_is_stuck_and_not_while_it_is_away() -> None:
    longest_pause = Settings().agent.tool_seconds * Settings().agent.calls_per_step
    async with house() as made, AsyncExitStack() as stack:
        await stack.enter_async_context(made.lanes.turn(TALK, person=ANA.key))  # it has the slot, and does nothing
        waiting = asyncio.create_task(stack.enter_async_context(made.lanes.turn(THERE, person=BEN.key)))
        await settle()
        assert made.lanes.in_line == 1
        assert await made.passes(STUCK_SECONDS) == set()
        made.ground.away = EngineUnreachable("Ollama does not answer")
        assert await made.passes(1000) == {"engine"}
        made.ground.away = None
        assert await made.passes(STUCK_SECONDS) == set()
        assert await made.passes(longest_pause + 20) == {"answering"}
        found = (await made.look())["answering"].verdict
        assert found.found.startswith("the engine was asked nothing for ")
        assert "loses nothing" in found.mend
        waiting.cancel()
        await asyncio.wait({waiting})
        assert await made.wrong() == set()


async def test_a_request_that_is_silent_for_longer_than_its_settings_allow_is_stuck() -> None:
    gate = asyncio.Event()
    async with house((gate, "word")) as made:
        asking = asyncio.create_task(_read(made.main))
        await settle()
        assert await made.passes(FIRST + OVERDUE_SECONDS) == set()
        assert await made.passes(10) == {"answering"}
        gate.set()
        await asking
        assert await made.wrong() == set()


async def _read(main: Attended) -> None:
    async with aclosing(main.stream(Prompt(pieces=()), reply_tokens=5)) as chunks:
        async for _ in chunks:
            pass


async def test_answers_that_wait_without_being_tried_are_stuck_and_not_while_there_is_nobody_to_show_them_to() -> None:
    async with house() as made:
        made.ground.backlog_is = Backlog(deliveries={DeliveryState.READY: 3})
        await made.look()
        made.connected.clear()
        assert await made.passes(1000) == {"discord"}
        made.connected.set()
        for _ in range(10):
            assert await made.passes(STUCK_SECONDS / 2) == set()
            made.counters.add("deliveries_postponed_total", platform="discord")  # tried, and not taken
        assert await made.passes(STUCK_SECONDS + 20) == {"delivering"}
        made.counters.add("deliveries_total", outcome="sent")
        assert await made.wrong() == set()


async def test_answers_with_which_the_platform_asked_to_be_left_alone_are_not_stuck_and_others_are() -> None:
    async with house() as made:
        made.ground.backlog_is = Backlog(deliveries={DeliveryState.READY: 2})
        made.known.asked_to_wait = lambda: 2
        assert await made.passes(3600) == set()
        made.ground.backlog_is = Backlog(deliveries={DeliveryState.READY: 3})
        assert await made.passes(STUCK_SECONDS + 20) == {"delivering"}


async def test_a_backlog_beyond_its_bound_is_not_ready_and_says_how_much_there_is() -> None:
    async with house() as made:
        made.ground.backlog_is = Backlog(questions=10_000, oldest=START)
        assert await made.passes(10) == {"backlog"}
        found = (await made.look())["backlog"].verdict.found
        assert found.startswith("10000 questions open, 0 answers not shown yet")
        made.ground.backlog_is = Backlog(deliveries={DeliveryState.READY: UNDELIVERED + 1})
        assert "backlog" in await made.passes(10)
        made.ground.backlog_is = Backlog(questions=20, deliveries={DeliveryState.READY: 5, DeliveryState.OPEN: 20})
        assert await made.passes(10) == set()
        assert ready(tuple((await made.look()).values()))

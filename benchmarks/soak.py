"""Whether anything grows that should not: days of a town's talk through the whole house, on a virtual clock.

Messages go through `hear`, questions through `answer` and `deliver`, conversations are tended, every night retention
runs, reminders come when they are due: all as in the program, over a real SQLite file and with the real process that
opens pictures. Platform and engine are doubles that keep nothing. Memory, tasks, descriptors and the loop's lag are
real.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import cast

import psutil

from benchmarks.program import measure
from benchmarks.replay.clock import VirtualClock
from benchmarks.reporting import Report, arguments, percentile
from benchmarks.soaking.doubles import QuietEngine, QuietPlatform
from benchmarks.soaking.town import Town, share
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.answer.turn import ReadsAttachments
from bot.app.house import Ground, House, build
from bot.app.parts import bounds
from bot.documents.reader import DocumentReader
from bot.lanes.engines import Engines
from bot.lanes.lanes import Lanes
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.plans import Plans
from bot.ports import Store
from bot.read import Reader
from bot.settings import EngineSettings, Memory, Settings
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery
from bot.talk.message import Attachment, Conversation, Message, Person, Place
from bot.talk.plan import Plan, Run
from bot.talk.recurrence import Once
from tools import TOOLS

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SEED = 20261123
WARM_UP = 0.15
"""Of the messages; then caches are full and the allocator knows its sizes."""
WINDOW, REPLY = 6000, 512
"""Of the engine, in its own tokens: small, so that conversations are cut many times."""
KEPT_DAYS = 2
"""So that what comes in and what goes are about the same for most of the run."""
REMIND = 0.01
"""Reminders made for each message; due within two days."""
REMINDER = "reminder"
PROBE_SECONDS = 0.02
LONGEST = 1200.0
RSS_MIB, LAG_MS = 32.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What the process holds while nobody waits."""

    rss: float
    tasks: int
    fds: int


@dataclass(slots=True)
class Probe:
    """How late the loop is, in milliseconds, each time it should have woken."""

    late: list[float] = field(default_factory=list[float])

    async def run(self) -> None:
        while True:
            due = time.monotonic() + PROBE_SECONDS
            await asyncio.sleep(PROBE_SECONDS)
            self.late.append((time.monotonic() - due) * 1000)


@dataclass(slots=True)
class Soak:
    """The house with a town around it."""

    house: House
    store: SqlStore
    plans: Plans
    reader: ReadsAttachments
    clock: VirtualClock
    counters: MemoryCounters
    engine: QuietEngine
    platform: QuietPlatform
    random: Random
    town: Town
    process: psutil.Process = field(default_factory=psutil.Process)

    async def minute(self, moment: datetime, messages: int) -> None:
        """So much is said, and what follows from it within the minute."""
        at = self.clock.now()
        # A platform hears its places beside each other.
        await asyncio.gather(*(self.house.hearing.hear(event) for event in self.town.events(at, messages)))
        for _ in range(messages):
            if self.random.random() < REMIND:
                await self._remind(at)
        await self.clock.until(moment)

    async def _remind(self, at: datetime) -> None:
        person = f"local:p{self.random.randrange(400)}"
        due = at + timedelta(minutes=self.random.randrange(1, 2880))
        place = Place(platform="local", id=f"c{self.random.randrange(120)}", guild="town")
        plan = Plan(
            id=f"r{self.random.getrandbits(64):016x}",
            kind=REMINDER,
            recurrence=Once(at=due),
            due=due,
            conversation=Conversation(place=place),
            owner=person,
            payload={"about": "the tide"},
        )
        await self.plans.save(plan)

    async def reminded(self, run: Run) -> Sequence[Delivery]:
        assert run.plan.conversation is not None
        return (Delivery(id=run.delivery_id(), conversation=run.plan.conversation, text="It is time."),)

    async def level(self) -> Level:
        """Once every question is answered, and the process that opens pictures is there."""
        while any(task.get_name().startswith("answer to") for task in asyncio.all_tasks()):
            await self.clock.until(self.clock.now() + timedelta(seconds=10))
        picture = Attachment(id="level", name="level.jpg", media_type="image/jpeg", size=9000)
        someone = Person(platform="local", id="level", name="Level")
        place = Place(platform="local", id="level")
        asked = Message(id="level", place=place, author=someone, text="", sent_at=START, attachments=(picture,))
        assert (await self.reader.read(asked, vision=True)).documents
        gc.collect()
        return Level(rss=self.rss(), tasks=len(asyncio.all_tasks()), fds=_descriptors(self.process))

    def rss(self) -> float:
        """MiB of this process."""
        return self.process.memory_info().rss / 2**20


@asynccontextmanager
async def soaking(folder: Path) -> AsyncGenerator[Soak]:
    """Everything joined as `app` joins it."""
    settings = Settings(
        engine=EngineSettings(window=WINDOW, reply_tokens=REPLY), memory=Memory(retention_days=KEPT_DAYS)
    )
    clock, counters, phrases, random = VirtualClock(START), MemoryCounters(), Phrases(), Random(SEED)
    platform, engine = QuietPlatform(), QuietEngine(clock, random, window=WINDOW)
    platforms = {platform.name: platform}
    async with (
        open_store(settings.database, folder, clock=clock) as store,
        # On the machine's clock: a process that is started for each picture would be measured, and time does not wait.
        DocumentReader(settings.limits, clock=SystemClock()) as documents,
    ):
        seen = cast("Store", clock.watched(store))
        lanes = Lanes(engine, bounds(settings), clock=clock, counters=counters)
        reader = Reader(seen, platforms, documents, attachments=3, mebibytes=1, phrases=phrases)
        watched = cast("ReadsAttachments", clock.watched(reader))
        house = build(
            Ground(
                store=seen,
                platforms=platforms,
                engines=Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters),
                reader=watched,
                toolbox=Toolbox(TOOLS, seconds=5, chars=3000, calls=4),
                persona=load_persona(None, bot_name=settings.community.bot_name),
                settings=settings,
                phrases=phrases,
                clock=clock,
                counters=counters,
                pace={},
            )
        )

        async def reminded(run: Run) -> Sequence[Delivery]:
            return await soak.reminded(run)

        plans = Plans(seen, house.deliver, handlers={REMINDER: reminded}, holder="soak", clock=clock, counters=counters)
        soak = Soak(
            house=house,
            store=store,
            plans=plans,
            reader=watched,
            clock=clock,
            counters=counters,
            engine=engine,
            platform=platform,
            random=random,
            town=Town(random),
        )
        await house.deliver.load()
        runs = (house.deliver.run(), house.tend.run(), house.plans.run(), plans.run())
        tasks = [asyncio.create_task(run) for run in runs]
        try:
            async with house.answers:
                yield soak
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def soaked(days: float, messages: int, folder: Path) -> Report:
    begun, probe, report = time.monotonic(), Probe(), Report()
    async with soaking(folder) as soak:
        for event in soak.town.beginning(START):
            await soak.house.hearing.hear(event)
        probing = asyncio.create_task(probe.run())
        base: Level | None = None
        grown: list[float] = []
        owed = 0.0
        for minute in range(int(days * 1440)):
            moment = START + timedelta(minutes=minute + 1)
            owed += messages / (days * 1440) * (share(moment.hour) if days >= 1 else 1)
            said = min(int(owed), messages - soak.town.messages)
            owed -= said
            await soak.minute(moment, said)
            if base is None and soak.town.messages >= WARM_UP * messages:
                base = await soak.level()
                probe.late.clear()
            if base is not None and minute % 60 == 0:
                grown.append(soak.rss() - base.rss)
                print(f"day {minute / 1440:.2f}: {soak.town.messages} messages, {grown[-1]:+.1f} MiB", flush=True)
        end = await soak.level()
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
        assert base is not None
        report.add("days", days)
        report.add("messages", soak.town.messages)
        report.add("answers", soak.engine.replies)
        report.add("reminders", _counted(soak.counters, "plan_runs_total"))
        report.add("rss_growth_mib", max(end.rss - base.rss, median(grown[-12:])), "MiB", at_most=RSS_MIB)
        report.add("tasks_growth", end.tasks - base.tasks, at_most=0)
        report.add("fds_growth", end.fds - base.fds, at_most=0)
        report.add("loop_lag_ms_p99", percentile(probe.late, 0.99), "ms", at_most=LAG_MS)
        report.add("loop_lag_ms_max", max(probe.late), "ms")
        report.add("rss_mib", end.rss, "MiB")
        report.add("database_mib", await asyncio.to_thread(_size, folder), "MiB")
        report.add("seconds", time.monotonic() - begun, "s")
    return report


def _counted(counters: MemoryCounters, name: str) -> float:
    return sum(series.value for series in counters.snapshot() if series.name == name)


def _size(folder: Path) -> float:
    """MiB of the database, its log included."""
    return sum(each.stat().st_size for each in folder.glob("*.sqlite3*")) / 2**20


def _descriptors(process: psutil.Process) -> int:
    return process.num_fds() if os.name == "posix" else 0


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--days", type=float, default=7, help="simulated days")
    parser.add_argument("--messages", type=int, default=200_000, help="messages that people write in them")
    options = parser.parse_args()
    if options.days <= 0 or options.messages < 100:
        parser.error("days must be above 0 and messages at least 100")
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="calanque-soak-") as name:
        measure(soaked(options.days, options.messages, Path(name)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

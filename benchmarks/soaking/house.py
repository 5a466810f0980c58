"""The whole house around a town, as `app` joins it, on a virtual clock."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier
from typing import cast

import psutil
from sqlalchemy import Connection, select

from benchmarks.replay.clock import VirtualClock
from benchmarks.soaking.doubles import QuietEngine, QuietPlatform
from benchmarks.soaking.town import CHANNELS, PEOPLE, Town
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.answer.materials import ReadsAttachments
from bot.app.ground import Ground
from bot.app.house import House, build
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
from bot.storage.tables import facts
from bot.storage.threads import READERS
from bot.talk.delivery import Delivery
from bot.talk.message import Attachment, Conversation, Message, Person, Place
from bot.talk.plan import Plan, Run
from bot.talk.recurrence import Once
from tools import TOOLS

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Before the first night is tidied up, so that also a short run has one."""
SEED = 20261123
WINDOW, REPLY = 6000, 512
"""Of the engine, in its own tokens: small, so that conversations are cut many times."""
KEPT_DAYS = 2
"""So that what comes in and what goes are about the same for most of the run."""
REMIND, REMINDED_IN = 0.03, 300
"""Reminders made for each message, and in how many minutes they are due, about."""
REMINDER = "reminder"
ROUNDS = 12
"""Of the clock: hops from task to task are short here."""
QUIET = timedelta(minutes=45)
"""So long nobody says anything before it is looked what the process holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What the process holds while nobody waits."""

    rss: float
    tasks: int
    fds: int
    objects: int


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
        person = f"local:p{self.random.randrange(PEOPLE)}"
        due = at + timedelta(minutes=1 + self.random.expovariate(1 / REMINDED_IN))
        place = Place(platform="local", id=f"c{self.random.randrange(CHANNELS)}", guild="town")
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

    async def level(self) -> Level:
        """Once every question is answered, no conversation is kept ready any more, and the process that opens pictures
        is there."""
        while any(task.get_name().startswith("answer to") for task in asyncio.all_tasks()):
            await self.clock.until(self.clock.now() + timedelta(seconds=10))
        await self.clock.until(self.clock.now() + QUIET)
        picture = Attachment(id="level", name="level.jpg", media_type="image/jpeg", size=9000)
        someone = Person(platform="local", id="level", name="Level")
        place = Place(platform="local", id="level")
        asked = Message(id="level", place=place, author=someone, text="", sent_at=START, attachments=(picture,))
        assert (await self.reader.read(asked, vision=True)).documents
        await _connected(self.store)
        gc.collect()
        return Level(
            rss=self.rss(),
            tasks=len(asyncio.all_tasks()),
            fds=_descriptors(self.process),
            objects=len(gc.get_objects()),
        )

    def rss(self) -> float:
        """MiB of this process."""
        return self.process.memory_info().rss / 2**20


async def _connected(store: SqlStore) -> None:
    """All connections are there that stay: each but the first is opened when two read at once."""
    beside = Barrier(READERS)

    def reads(connection: Connection) -> None:
        connection.execute(select(facts.c.name).limit(1)).all()
        beside.wait(timeout=60)

    connections = store._db  # pyright: ignore[reportPrivateUsage] # nothing else knows of connections
    await asyncio.gather(*(connections.read(reads) for _ in range(READERS)))


async def reminded(run: Run) -> Sequence[Delivery]:
    """The handler of reminders."""
    assert run.plan.conversation is not None
    return (Delivery(id=run.delivery_id(), conversation=run.plan.conversation, text="It is time."),)


@asynccontextmanager
async def soaking(folder: Path) -> AsyncGenerator[Soak]:
    """Everything joined as `app` joins it."""
    settings = Settings(
        engine=EngineSettings(window=WINDOW, reply_tokens=REPLY), memory=Memory(retention_days=KEPT_DAYS)
    )
    clock, counters, phrases, random = VirtualClock(START, rounds=ROUNDS), MemoryCounters(), Phrases(), Random(SEED)
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
                toolbox=lambda gate, has, redact: Toolbox(
                    TOOLS, seconds=5, chars=3000, calls=4, gate=gate, has=has, redact=redact
                ),
                persona=load_persona(None, bot_name=settings.community.bot_name),
                settings=settings,
                phrases=phrases,
                clock=clock,
                counters=counters,
                pace={},
            )
        )

        handlers = {REMINDER: reminded}
        plans = Plans(seen, house.deliver, handlers=handlers, holder="soak", clock=clock, counters=counters)
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


def _descriptors(process: psutil.Process) -> int:
    return process.num_fds() if os.name == "posix" else 0

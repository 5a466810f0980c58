"""The house under attack: everything joined as `app` joins it, over a real SQLite store, with all services."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Collection, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.malicious.broken import Broken, left_open, rights_of, shown_to
from benchmarks.malicious.judge import Judge
from benchmarks.malicious.malice import Malice
from benchmarks.malicious.model import REPLY, WINDOW, MaliciousEngine
from benchmarks.malicious.outside import Servers, web
from benchmarks.malicious.permits import Permits
from benchmarks.malicious.world import ROOMS_AT_HOME, World, rights, settings_with
from bot.agent.offer import Offer
from bot.agent.persona import BUILT_IN
from bot.agent.toolbox import Ran, Toolbox
from bot.app.ground import Ground
from bot.app.house import House, build
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.operate.logs import Redactor, set_up
from bot.ports.gate import Gate
from bot.ports.tool import CallContext
from bot.read import Reader
from bot.settings import Database, LogLevel, LogSettings, Settings
from bot.settings.secret_values import secret_values
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery, Shown
from bot.talk.document import Reading
from bot.talk.message import Message
from bot.talk.redaction import Redaction
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate
from tests.fakes import FakeClock, FakeCounters, FakePlatform
from tests.logs import logging_as_it_was
from tests.rig import FakeDocuments
from tools import TOOLS

BOUNDS = Bounds(slots=1, queue=50, queue_per_person=50, seconds=600)


class WatchedPlatform(FakePlatform):
    def __init__(self, name: str, judge: Judge, broken: Broken) -> None:
        super().__init__(name)
        self._judge = judge
        self._broken = broken

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        again = bool(shown.messages)
        self._judge.delivery(shown_to(delivery, self._broken, self._judge.world, again=again))
        return await super().deliver(delivery, shown)


class WatchedToolbox(Toolbox):
    judge: Judge

    async def _run_one(self, call: Call, context: CallContext, before: int, offers: Mapping[str, Offer]) -> Ran:
        ran = await super()._run_one(call, context, before, offers)
        self.judge.verdict.saw(f"{ran.name if ran.name in offers else 'unknown'} {ran.outcome}")
        self.judge.result(context, call, ran)
        return ran


class WatchedReader(Reader):
    """Every turn reads what is attached first, in the task that makes the answer."""

    judge: Judge

    async def read(self, message: Message, *, vision: bool) -> Reading:
        self.judge.begin(message)
        return await super().read(message, vision=vision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """One world with the house in it."""

    world: World
    house: House
    store: SqlStore
    platform: WatchedPlatform
    clock: FakeClock
    engine: MaliciousEngine
    judge: Judge
    permits: Permits
    servers: Servers


def settings(world: World, folder: Path, broken: Broken) -> Settings:
    secrets = [world.plant("secret").word for _ in range(3)]
    given = {} if broken.secrets else settings_with(secrets)
    glossary = folder / "glossary.csv"
    glossary.write_text("en,de\nharbour,Hafen\n", encoding="utf-8")
    knowledge = {"dir": folder / "knowledge"}
    engine = {"window": WINDOW, "reply_tokens": REPLY}
    return Settings.model_validate({**given, "knowledge": knowledge, "glossary": {"file": glossary}, "engine": engine})


@asynccontextmanager
async def attacked(folder: Path, seed: int, broken: Broken) -> AsyncGenerator[Attacked]:
    random = Random(seed)
    world = World(random=random)
    (folder / "knowledge").mkdir()
    set_so = settings(world, folder, broken)
    definition = world.plant("definition", rooms=ROOMS_AT_HOME)
    permits = Permits(world=world, minutes=set_so.tools.approval_minutes)
    judge = Judge(world, permits, definition=definition)
    clock, counters, phrases = FakeClock(), FakeCounters(), Phrases()
    platform = WatchedPlatform("discord", judge, broken)
    servers = Servers(definition.word, judge.called)
    names = [*(each.name for each in TOOLS), *(each.name for each in servers.tools())]
    malice = Malice(random, tools=names, secrets=world.secrets)
    engine = MaliciousEngine(random, malice, reads=judge.prompt)
    engines = Engines(
        Lanes(engine, BOUNDS, clock=clock, counters=counters), None, demo_platforms=(), clock=clock, counters=counters
    )

    def toolbox(gate: Gate, has: Collection[str], redact: Redaction) -> Toolbox:
        chosen = OpenGate() if broken.gate else gate
        made = WatchedToolbox(
            TOOLS, seconds=5, chars=3000, calls=4, gate=chosen, has=has, redact=redact, foreign=servers.tools
        )
        made.judge = judge
        return made

    with _logged(set_so, judge), left_open(broken):
        async with (
            open_store(Database(), folder, clock=clock) as store,
            web(world, counters, asked=judge.looked_up, requested=judge.requested) as outside,
        ):
            reader = WatchedReader(
                store, {platform.name: platform}, FakeDocuments(), attachments=3, mebibytes=1, phrases=phrases
            )
            reader.judge = judge
            house = build(
                Ground(
                    store=store,
                    platforms={platform.name: platform},
                    engines=engines,
                    reader=reader,
                    opens=reader,
                    toolbox=toolbox,
                    persona=BUILT_IN.read_text(encoding="utf-8"),
                    settings=set_so,
                    phrases=phrases,
                    clock=clock,
                    counters=counters,
                    pace={},
                    rights={platform.name: rights_of(world, broken, rights(world))},
                    documents=FakeDocuments(),
                    web=outside.pages,
                    web_search=outside.search,
                    servers=servers,
                )
            )
            await house.minute()
            await house.deliver.load()
            running = (house.deliver.run(), engines.run(), house.plans.run(), house.tend.run())
            tasks = [asyncio.create_task(each) for each in running]
            try:
                async with house.hearing, house.answers:
                    yield Attacked(
                        world=world,
                        house=house,
                        store=store,
                        platform=platform,
                        clock=clock,
                        engine=engine,
                        judge=judge,
                        permits=permits,
                        servers=servers,
                    )
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _logged(settings: Settings, judge: Judge) -> Generator[None]:
    """Everything that the program logs is read, as it would stand in its log."""
    out = io.StringIO()
    with logging_as_it_was():
        set_up(LogSettings(level=LogLevel.DEBUG), Redactor(secret_values(settings)), out=out)
        try:
            yield
        finally:
            judge.logged(out.getvalue())

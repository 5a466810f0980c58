"""The whole house over a replay: hear, answer and tend as they are, on a virtual clock and an engine that counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.replay.clock import VirtualClock
from benchmarks.replay.engine import ReplayEngine
from benchmarks.replay.logs import START
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.app.ground import Ground
from bot.app.house import House, build
from bot.app.parts import bounds
from bot.inference.tekken import Tekken
from bot.lanes.engines import Engines
from bot.lanes.lanes import Lanes
from bot.languages.phrases import Phrases
from bot.operate.metrics import MemoryCounters
from bot.ports import Platform, Store
from bot.settings import EngineSettings, LogSettings, Memory, Settings
from bot.storage.store import open_store
from bot.talk.document import Reading
from bot.talk.message import Message, Place
from bot.talk.prompt import Engine
from tests.fakes import FakePlatform
from tools import TOOLS

REPLY = 4096
PREFILL, GENERATION = 1300.0, 30.0
"""Tokens a second, of a consumer card with this model."""
HOST_CACHE = 8192 * 2**20
"""llama-server's default for prompts that have left the slot, in bytes."""
KV_BYTES = {32_768: 160 * 1024.0, 131_072: 45 * 1024.0}
"""Of a token: f16 for the window that fits a 24 GB card so, q4_0 for the one that fits only so."""


class NoAttachments:
    async def read(self, message: Message, *, vision: bool) -> Reading:
        return Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    house: House
    clock: VirtualClock
    engine: ReplayEngine
    counters: MemoryCounters
    platform: FakePlatform
    place: Place

    def nobody_waits(self) -> bool:
        """Every question was answered, or went."""
        return not any(task.get_name().startswith("answer to") for task in asyncio.all_tasks())

    def summaries(self) -> dict[str, int]:
        """What became of the model's summaries."""
        return self._counted("summaries_total", "outcome")

    def breaks(self) -> dict[str, int]:
        """How often a prompt did not begin with the one before it, by cause."""
        return self._counted("prefix_breaks_total", "cause")

    def _counted(self, name: str, label: str) -> dict[str, int]:
        return {dict(one.labels)[label]: int(one.value) for one in self.counters.snapshot() if one.name == name}


@asynccontextmanager
async def replaying(
    folder: Path, *, window: int, tekken: Tekken, reply: int = REPLY, kind: type[ReplayEngine] = ReplayEngine
) -> AsyncGenerator[Replay]:
    """A fresh house with a window; its database lies in the folder. `reply`: tokens kept free for it."""
    settings = Settings(engine=EngineSettings(window=window, reply_tokens=reply), memory=Memory(), log=LogSettings())
    clock = VirtualClock(START)
    counters = MemoryCounters()
    facts = Engine(
        name="replay",
        model="replay",
        window=window,
        tools=True,
        kv_bytes=KV_BYTES.get(window, KV_BYTES[131_072]),
        host_cache_bytes=HOST_CACHE,
    )
    engine = kind(tekken, clock, engine=facts, prefill=PREFILL, generation=GENERATION)
    platform = FakePlatform()
    platforms: Mapping[str, Platform] = {platform.name: cast("Platform", platform)}
    phrases = Phrases()
    async with open_store(settings.database, folder, clock=clock) as store:
        lanes = Lanes(engine, bounds(settings), clock=clock, counters=counters)
        house = build(
            Ground(
                store=cast("Store", clock.watched(store)),
                platforms=platforms,
                engines=Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters),
                reader=NoAttachments(),
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
        await house.deliver.load()
        tasks = [asyncio.create_task(house.deliver.run()), asyncio.create_task(house.tend.run())]
        try:
            async with house.answers:
                replay = Replay(
                    house=house,
                    clock=clock,
                    engine=engine,
                    counters=counters,
                    platform=platform,
                    place=Place(platform=platform.name, id="support", name="support"),
                )
                engine.breaks = replay.breaks
                yield replay
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

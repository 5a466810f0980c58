"""What a full window costs before the engine is asked, and what a channel costs while nobody speaks there.

Prompts are composed by the program's own parts from its own database, without Discord and without an engine: the time
from "a question is there" to "the prompt is there". `warm`: from a conversation whose ledger is in memory, as between
two turns; `cold`: from one that has to be read from the database, as the first turn after a start.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from benchmarks.history import MEMORY, budget, write_past
from benchmarks.replay.house import replaying
from benchmarks.reporting import Report, arguments
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.memory.preparations import Preparations
from bot.memory.recollection import Recollection
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database, EngineSettings
from bot.storage.store import SqlStore, open_store
from bot.talk.event import Said
from bot.talk.message import Addressed, Conversation, Message, Person, Place
from bot.talk.turn import Instructions, Line, Question
from tests.discord_server import Channel, User
from tools import TOOLS

WINDOW = 131_072
MARGIN = 3000
"""Tokens below the mark at which a cut is prepared."""
P99_MS, CHANNEL_KIB = 15.0, 64.0
SEED = 20261123
AT_REST_WINDOW, WARM_UP = 32_768, 60
"""For the memory of channels: more than any cache that is bounded by a number of them keeps are asked before."""
FULL = 3
"""Channels with a full window."""


async def measure(report: Report, *, turns: int, starts: int, channels: int, window: int) -> None:
    """`turns` prompts, `channels` conversations that are asked once each, and the first prompt of `starts` starts."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        folder = Path(place) / "data"
        tokens = budget(window).prepare - MARGIN
        past = await write_past(
            folder, [_channel(number) for number in range(FULL)], _people(), tokens=tokens, seed=SEED
        )
        report.add("prompt_tokens", min(each.tokens for each in past), "tokens")
        tekken = Tekken()
        await tekken.load()
        async with _composing(folder, window, tekken) as composing:
            await composing.once(_conversation(0))
            warm = [await composing.once(_conversation(0)) for _ in range(turns)]
        with tempfile.TemporaryDirectory(dir=MEMORY) as other:
            at_rest = await _at_rest(Path(other), channels, tekken)
        cold: list[float] = []
        for number in range(starts):
            async with _composing(folder, window, tekken) as composing:
                cold.append(await composing.once(_conversation(number % FULL)))
        report.add_percentiles("compose_ms", warm, "ms", at_most={99: P99_MS})
        report.add_percentiles("compose_cold_ms", cold, "ms")
        report.add("channel_kib", at_rest, "KiB", at_most=CHANNEL_KIB)


@asynccontextmanager
async def _composing(folder: Path, window: int, tekken: Tekken) -> AsyncGenerator[_Composing]:
    """As after a start: nothing of the conversations is in memory yet."""
    clock, counters, settings = SystemClock(), MemoryCounters(), EngineSettings(window=window)
    async with (
        open_store(Database(), folder, clock=clock) as store,
        OllamaInference(settings, images=store, counters=counters, clock=clock, tekken=tekken) as engine,
    ):
        yield _Composing(store, engine, counters, window)


class _Composing:
    def __init__(self, store: SqlStore, engine: OllamaInference, counters: MemoryCounters, window: int) -> None:
        self._recollection = Recollection(
            store, engine, budget(window), counters=counters, preparations=Preparations(), is_warm=True
        )
        toolbox = Toolbox(TOOLS, seconds=5, chars=3000, calls=4)
        self._instructions = Instructions(persona=load_persona(None, bot_name="Calanque"), tools=toolbox.specs)

    async def once(self, conversation: Conversation) -> float:
        """Milliseconds for one prompt."""
        question = Question(lines=(Line(text="Ana: and the harbour lights, how are they switched on in a storm?"),))
        begun = time.perf_counter()
        await self._recollection.prepare(conversation, self._instructions, question)
        return (time.perf_counter() - begun) * 1000


async def _at_rest(folder: Path, channels: int, tekken: Tekken) -> float:
    """KiB of Python's memory that each channel leaves behind after a turn through the whole program."""
    async with replaying(folder, window=AT_REST_WINDOW, tekken=tekken) as replay:

        async def ask(number: int) -> None:
            place = Place(platform="local", id=f"channel-{number}", name=f"channel-{number}")
            author = Person(platform="local", id=f"member-{number}", name=f"member-{number}")
            message = Message(
                id=f"q{number}",
                place=place,
                author=author,
                text="how are the harbour lights switched on?",
                sent_at=replay.clock.now(),
                addressed=Addressed.MENTION,
            )
            replay.engine.reply = "With the big lever in the tower."
            await replay.house.hearing.hear(Said(message=message))
            await replay.clock.until_done(replay.nobody_waits, limit=600)
            replay.platform.forget()

        for number in range(WARM_UP):
            await ask(number)
        gc.collect()
        tracemalloc.start()
        try:
            start, _ = tracemalloc.get_traced_memory()
            for number in range(channels):
                await ask(WARM_UP + number)
            gc.collect()
            end, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return max(0.0, (end - start) / channels / 1024)


def _conversation(number: int) -> Conversation:
    channel = _channel(number)
    return Conversation(place=Place(platform="discord", id=str(channel.id), name=channel.name))


def _channel(number: int) -> Channel:
    return cast("Channel", SimpleNamespace(id=1000 + number, name=f"channel-{number}", guild_id=None))


def _people() -> list[User]:
    return [cast("User", SimpleNamespace(id=number, name=f"member-{number}")) for number in range(1, 21)]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--turns", type=int, default=200, help="prompts of a conversation that goes on")
    parser.add_argument("--starts", type=int, default=40, help="starts of which the first prompt is measured")
    parser.add_argument("--channels", type=int, default=300, help="channels for the memory of one at rest")
    parser.add_argument("--window", type=int, default=WINDOW)
    given = parser.parse_args()
    report = Report()
    asyncio.run(measure(report, turns=given.turns, starts=given.starts, channels=given.channels, window=given.window))
    report.show(as_json=given.json)


if __name__ == "__main__":
    main()

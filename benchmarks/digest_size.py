"""What a digest of a busy channel's week takes: memory, the time until something is seen, tokens, and the second time.

The messages go into a real store in a process of its own; then a fresh one opens it and makes the digest, with an
engine that points to some lines of each request. Tokens are counted by the model's own vocabulary, with llama.cpp's
prefix cache.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.chatter import line
from benchmarks.program import BenchmarkFailed, measure
from benchmarks.replay.cache import PrefixCache
from benchmarks.reporting import Report, arguments
from bot.digest.making import Maker
from bot.inference.tekken import Tekken
from bot.inference.template import piece
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database, EngineSettings, ToolsPosition
from bot.storage.store import open_store
from bot.talk.digest import Digest, Order, Period, Progress
from bot.talk.message import Message, Person, Place
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.record import Incoming
from bot.talk.turn import Part, Piece, Reply

SEED = 20261128
LONGEST = 1200.0  # seconds of the whole benchmark
BATCH = 500  # messages written at once
PEOPLE = 300
WINDOW = 32_768
POINTED = 97  # every so many lines the engine points to one
EVERY = 0.05  # seconds between two looks at memory and the loop
MIB = 1024 * 1024

MOST_MIB, MOST_FIRST_S, MOST_EVALUATED, MOST_AGAIN = 200.0, 2.0, 1.15, 0.02

HERE = Place(platform="discord", id="1", name="general", guild="2")
READER = Person(platform="discord", id="3", name="reader")
END = datetime.fromisoformat("2026-11-28T00:00:00+00:00")
WEEK = Period(since=END - timedelta(days=7), until=END)

_LINE = re.compile(r"(?m)^(\d+) (.{1,40}?)(?: \(to \d+\))?: (.*)$")
_POINT = re.compile(r"(?m)^(\d+) (decided|open|todo|reading): (.*)$")


def said(number: int, of: int, random: Random) -> Message:
    person = random.randrange(PEOPLE)
    return Message(
        id=str(10**17 + number),
        place=HERE,
        author=Person(platform="discord", id=str(person), name=f"person-{person}"),
        text=f"{line(random)} ticket-{number}",
        sent_at=WEEK.since + (WEEK.until - WEEK.since) * number / of,
    )


async def write(messages: int, home: Path) -> None:
    random = Random(SEED)
    async with open_store(Database(), home, clock=SystemClock()) as store:
        for at in range(0, messages, BATCH):
            some = [said(number, messages, random) for number in range(at, min(at + BATCH, messages))]
            await store.record_all([Incoming(message=each, keep=True) for each in some])


@dataclass(slots=True)
class Cost:
    """`own`: tokens of the lines that were shown, as they were said; `generated`: of all answers."""

    evaluated: int = 0
    own: int = 0
    generated: int = 0
    requests: int = 0
    over: int = 0


class Pointer:
    """Implements `Inference`: it points to some lines of each request, in their own words."""

    def __init__(self, tekken: Tekken) -> None:
        self.cost = Cost()
        self._tekken = tekken
        self._cache = PrefixCache(0)

    async def probe(self) -> Engine:
        return Engine(name="pointer", model="pointer", window=WINDOW)

    async def render(self, part: Part) -> Piece:
        await self._tekken.load()
        return await asyncio.to_thread(piece, part, ToolsPosition.FIRST, self._tekken)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        cost, text = self.cost, prompt.pieces[-1].text
        cost.requests += 1
        cost.over += prompt.tokens + reply_tokens >= WINDOW
        cached = self._cache.take(prompt.pieces)
        cost.evaluated += prompt.tokens - cached
        self._cache.evaluated(prompt.pieces, prompt.tokens)
        points = _POINT.findall(text)
        answer = [f"{section} [{number}] {words}" for number, section, words in points[:14]]
        if not points:
            lines = _LINE.findall(text)
            cost.own += await asyncio.to_thread(self._own, lines)
            answer = [f"open [{number}] {name}: {words}" for number, name, words in lines[::POINTED]]
        said = "\n".join(answer) or "nothing"
        piece = await self.render(Reply(text=said))
        cost.generated += piece.tokens
        yield TextChunk(text=said)
        yield Finished(
            reason=StopReason.STOP,
            prompt_tokens=prompt.tokens,
            reply_tokens=piece.tokens,
            cached_tokens=cached,
            prompt_seconds=0.0,
            reply_seconds=0.0,
        )

    def _own(self, lines: Sequence[tuple[str, str, str]]) -> int:
        return sum(self._tekken.count(f"{name}: {words}\n") for _, name, words in lines)


@dataclass(slots=True)
class Watch:
    """The most memory, in MiB, and how much later than planned the loop came round, in seconds."""

    most: float = 0.0
    lag: float = 0.0
    first: float | None = None
    _began: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            self.lag = max(self.lag, time.monotonic() - before - EVERY)
            self.most = max(self.most, resident())

    def comes(self, progress: Progress) -> None:
        if self.first is None and progress.of:
            self.first = time.monotonic() - self._began


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


async def digest_size(messages: int, home: Path) -> Report:
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.digest_size", "--messages", str(messages), "--write", str(home))
    )
    if await writer.wait():
        raise BenchmarkFailed("the messages could not be written")
    clock, counters, report = SystemClock(), MemoryCounters(), Report()
    engine = Pointer(Tekken())
    await engine.render(Reply(text="loaded"))
    lanes = Lanes(
        engine,
        Bounds(slots=1, queue=10, queue_per_person=10, seconds=600),
        clock=clock,
        counters=counters,
    )
    engines = Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters)
    async with open_store(Database(), home, clock=clock) as store:
        maker = Maker(store, engines, settings=EngineSettings(window=WINDOW), clock=clock, counters=counters)
        idle = resident()
        began = time.monotonic()
        digest, watch = await _made(maker)
        seconds = time.monotonic() - began
        first, engine.cost = engine.cost, Cost()
        again, _ = await _made(maker)
    if not (digest.messages == again.messages == messages and digest.points and again.points):
        raise BenchmarkFailed("the digests are not of the messages")
    report.add("messages", digest.messages)
    report.add("points", len(digest.points))
    report.add("idle_mib", idle, "MiB")
    report.add("over_idle_mib", watch.most - idle, "MiB", at_most=MOST_MIB)
    report.add("first_progress_s", watch.first or 0.0, "s", at_most=MOST_FIRST_S)
    report.add("loop_lag_s", watch.lag, "s")
    report.add("seconds", seconds, "s")
    report.add("requests", first.requests)
    report.add("window_exceeded", first.over, at_most=0)
    report.add("evaluated_ratio", first.evaluated / (first.own + first.generated), at_most=MOST_EVALUATED)
    report.add("again_ratio", engine.cost.evaluated / first.evaluated, at_most=MOST_AGAIN)
    return report


async def _made(maker: Maker) -> tuple[Digest, Watch]:
    order = Order(platform=HERE.platform, rooms=frozenset({HERE.room}), period=WEEK)
    watch = Watch()
    watching = asyncio.create_task(watch.run())
    try:
        return await maker.make(order, waited_for=READER, progress=watch.comes), watch
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--write", type=Path, help="only write them, into this folder")
    options = parser.parse_args()
    if options.messages < 1:
        parser.error("messages must be at least 1")
    if options.write is not None:
        measure(write(options.messages, options.write), seconds=LONGEST)
        return
    with tempfile.TemporaryDirectory(prefix="calanque-digest-") as home:
        measure(digest_size(options.messages, Path(home)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

"""How many messages are written down a second, durably: from `hear` to a SQLite file that each commit synchronises.

Many channels talk at once; in each, a message is told when the one before it is written down, as platforms do it. Then
as many messages come as the goal says, evenly, whether or not earlier ones are written down: what waiting is then seen.
Beside it runs what one would write first: one message, one commit.

There is no search index here, and none may come into what is measured: a commit waits for the disk with everything that
must not be lost in a crash, and an index can be made again. With a full-text trigger inside the transaction a prototype
wrote a sixth, and its slowest commits took eleven times as long.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

from benchmarks.chatter import line
from benchmarks.program import BenchmarkFailed, measure
from benchmarks.reporting import Report, arguments
from bot.hear import Hearing
from bot.settings import Database, Settings
from bot.storage.address import FILE_NAME
from bot.storage.store import SqlStore, open_store
from bot.talk.event import Said
from bot.talk.message import Message, Person, Place
from bot.talk.policy import Keep, Policy
from bot.talk.record import Incoming, Recorded
from tests.fakes import START, FakeClock, FakeEngine, FakePlatform
from tests.rig import house

SEED = 20261128
LONGEST = 300.0  # seconds of the whole benchmark
PEOPLE = 500
TICK = 0.002  # seconds between two handfuls of messages that come evenly

PER_S, COMMIT_MS = 5000.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`messages` are measured after `warmup` others, over `channels` that talk at once; then `seconds` of the goal's
    rate; then `alone` messages, one commit each."""

    messages: int
    warmup: int
    channels: int
    seconds: float
    alone: int

    @property
    def all(self) -> int:
        """Messages that have to be there in the end."""
        return self.messages + self.warmup + round(self.seconds * PER_S) + self.alone


@dataclass(slots=True)
class Watched:
    """The real store with a watch beside it: milliseconds from the moment a transaction's messages were handed over
    until they were durable, and how many they were."""

    store: SqlStore
    commit_ms: list[float] = field(default_factory=list[float])
    together: list[int] = field(default_factory=list[int])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def record_all(self, incoming: Sequence[Incoming]) -> Sequence[Recorded]:
        began = perf_counter()
        recorded = await self.store.record_all(incoming)
        self.commit_ms.append((perf_counter() - began) * 1000)
        self.together.append(len(incoming))
        return recorded


class Talk:
    """Invented messages that are not for the bot, the same in every run."""

    def __init__(self, channels: int) -> None:
        self._random = Random(SEED)
        self._ids = count(10**17)
        people = range(PEOPLE)
        self._people = [Person(platform="local", id=str(10**16 + n), name=f"person {n}", locale="fr") for n in people]
        self.places = [
            Place(platform="local", id=str(2 * 10**16 + n), name=f"channel-{n}", guild="1") for n in range(channels)
        ]

    def message(self, place: Place) -> Message:
        author, words = self._random.choice(self._people), line(self._random)
        return Message(id=str(next(self._ids)), place=place, author=author, text=words, sent_at=START)


async def ingest(plan: Plan, folder: Path) -> Report:
    talk, clock, report = Talk(plan.channels), FakeClock(), Report()
    async with open_store(Database(), folder, clock=clock) as store:
        for place in talk.places:
            await store.save_policy(place, Policy(keep=Keep.ALWAYS, announced=True))
        watched = Watched(store)
        async with house(
            store,
            engine=FakeEngine(),
            platform=FakePlatform(),
            settings=Settings(),
            clock=clock,
            around=lambda part: watched if part is store else part,
        ) as joined:
            hearing = joined.hearing
            await _at_once(hearing, talk, plan.warmup)
            watched.commit_ms.clear()
            watched.together.clear()
            cpu = process_time()
            seconds, heard = await _at_once(hearing, talk, plan.messages)
            cpu = process_time() - cpu
            per_s = plan.messages / seconds
            report.add("per_s", per_s, "messages/s", at_least=PER_S)
            report.add_percentiles("commit_ms", watched.commit_ms, "ms", at_most={99: COMMIT_MS})
            report.add_percentiles("heard_ms", heard, "ms")
            report.add("cpu_us_per_message", cpu / plan.messages * 1_000_000, "us")
            report.add("messages_per_commit", sum(watched.together) / len(watched.together))
            report.add_percentiles("paced_heard_ms", await _evenly(hearing, talk, plan.seconds), "ms")
    async with open_store(Database(), folder, clock=clock) as store:
        seconds = await _one_by_one(store, talk, plan.alone)
        report.add("one_commit_each_per_s", plan.alone / seconds, "messages/s")
        report.add("ratio", per_s / (plan.alone / seconds))
    report.add("messages", _written(folder, plan))
    return report


async def _at_once(hearing: Hearing, talk: Talk, messages: int) -> tuple[float, list[float]]:
    """Every channel tells one after the other, and all channels together so many; how long it took, and each."""
    rest, heard = iter(range(messages)), list[float]()

    async def channel(place: Place) -> None:
        for _ in rest:
            heard.append(await _timed(hearing.hear(Said(message=talk.message(place)))))

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for place in talk.places:
            group.create_task(channel(place))
    return perf_counter() - began, heard


async def _evenly(hearing: Hearing, talk: Talk, seconds: float) -> list[float]:
    """As many a second as the goal says, over all channels in turn."""
    heard: list[float] = []
    places = _in_turn(talk.places)

    async def one(place: Place) -> None:
        heard.append(await _timed(hearing.hear(Said(message=talk.message(place)))))

    began, told = perf_counter(), 0
    async with asyncio.TaskGroup() as group:
        while told < round(seconds * PER_S):
            due = min(int((perf_counter() - began) * PER_S) + 1, round(seconds * PER_S))
            for _ in range(told, due):
                group.create_task(one(next(places)))
            told = max(told, due)
            await asyncio.sleep(TICK)
    return heard


async def _one_by_one(store: SqlStore, talk: Talk, messages: int) -> float:
    began = perf_counter()
    for place, _ in zip(_in_turn(talk.places), range(messages), strict=False):
        await store.record(talk.message(place), keep=True)
    return perf_counter() - began


def _in_turn(places: Sequence[Place]) -> Iterator[Place]:
    while True:
        yield from places


async def _timed(work: Awaitable[None]) -> float:
    """Milliseconds."""
    began = perf_counter()
    await work
    return (perf_counter() - began) * 1000


def _written(folder: Path, plan: Plan) -> int:
    """What stands in the file, read by somebody else."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        written = database.execute("select count(*) from messages where body is not null").fetchone()[0]
    if written != plan.all:
        raise BenchmarkFailed(f"{plan.all} messages were told, {written} are written down")
    return written


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--messages", type=int, default=40_000, help="messages that are measured")
    parser.add_argument("--warmup", type=int, default=4_000, help="messages before them")
    parser.add_argument("--channels", type=int, default=128, help="channels that talk at once")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long messages come evenly, at the goal's rate")
    parser.add_argument("--alone", type=int, default=2_000, help="messages that get a commit each")
    options = parser.parse_args()
    plan = Plan(
        messages=options.messages,
        warmup=options.warmup,
        channels=options.channels,
        seconds=options.seconds,
        alone=options.alone,
    )
    if min(plan.messages, plan.channels, plan.alone) < 1 or plan.warmup < 0 or plan.seconds <= 0:
        parser.error("messages, channels, seconds and alone must be positive")
    with tempfile.TemporaryDirectory(prefix="calanque-ingest-") as folder:
        measure(ingest(plan, Path(folder)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

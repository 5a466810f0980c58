"""Whether a digest is true whatever the model says, and what it costs to make.

Real logs of a busy support channel go through the store and the maker of digests as they are. The engine is scripted:
of the true points of the logs (written by hand for the project's own sample) it says half with wrong numbers, half with
the right ones, in every form that models use, among inventions, loops, broken JSON and other languages; now and then it
says nothing usable, or breaks. What is left is judged by code of its own. Beside it: the links that a bot would show
which asks the model for links. Tokens are counted by the model's own vocabulary, with llama.cpp's prefix cache.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.digesting import judge
from benchmarks.digesting.engine import Misbehaving
from benchmarks.digesting.logs import PLATFORM, Log, read
from benchmarks.program import BenchmarkFailed, measure
from benchmarks.replay.logs import SAMPLE
from benchmarks.reporting import Report, arguments
from bot.digest.making import Maker
from bot.digest.showing import told
from bot.inference.tekken import Tekken
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.ports.digests import DigestStore, Kept, Spoken, Stage
from bot.settings import Database, EngineSettings
from bot.storage.store import SqlStore, open_store
from bot.talk.digest import Digest, Order, Period, Point, text_of
from bot.talk.message import Message, Person, Place
from bot.talk.record import Incoming

SEED = 20261128
PLANTED = 200
MOST_ROUNDS = 40
LONGEST = 1800.0  # seconds of the whole benchmark
BATCH = 500  # messages written at once
LEAST_DROPPED, MOST_LOST, MOST_EVALUATED = 0.95, 0.05, 1.15
READER = Person(platform=PLATFORM, id="reader", name="reader")


@dataclass(slots=True)
class Watched(DigestStore):
    """A store of which it is seen what was made of each stretch."""

    store: SqlStore
    points: list[Point] = field(default_factory=list[Point])

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        return await self.store.spoken(order)

    async def said(self, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
        return await self.store.said(place, period, after=after, limit=limit)

    async def sources(self, platform: str, ids: Collection[str]) -> Mapping[str, Message]:
        return await self.store.sources(platform, ids)

    async def stages(self, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
        return await self.store.stages(place, asked, period)

    async def save_stages(self, made: Sequence[Stage], *, at: datetime) -> None:
        self.points += [point for stage in made for point in stage.points]
        await self.store.save_stages(made, at=at)

    def on_edited(self, call: Callable[[Collection[str]], None]) -> None:
        self.store.on_edited(call)


@dataclass(slots=True)
class Judged:
    """All rounds together."""

    good: int = 0
    kept: int = 0
    planted: int = 0
    let_through: int = 0
    valid: int = 0
    invalid: int = 0
    inventions: int = 0
    baseline_invalid: int = 0


async def digest(folder: Path, home: Path, *, planted: int = PLANTED) -> Report:
    logs = read(folder)
    messages = [each for log in logs for each in log.messages]
    tekken, clock, judged = Tekken(), SystemClock(), Judged()
    engine = Misbehaving(tekken, messages, [each for log in logs for each in log.good], seed=SEED)
    async with open_store(Database(), home, clock=clock) as store:
        for at in range(0, len(messages), BATCH):
            await store.record_all([Incoming(message=each, keep=True) for each in messages[at : at + BATCH]])
        while judged.planted < planted:
            if engine.round == MOST_ROUNDS:
                raise BenchmarkFailed(f"only {judged.planted} wrong pointers could be planted")
            watched, before = Watched(store), len(engine.said.texts)
            said = (len(engine.said.good), len(engine.said.planted))
            made = await _made(watched, engine, logs, clock)
            if not made.messages:
                raise BenchmarkFailed("there was nothing to make a digest of")
            good, wrong = engine.said.good[said[0] :], engine.said.planted[said[1] :]
            _judge(judged, made, watched.points, logs)
            judged.good += len(good)
            judged.kept += judge.kept(good, watched.points)
            judged.planted += len(wrong)
            judged.let_through += judge.let_through(wrong, watched.points)
            judged.baseline_invalid += _shown_by_others(engine.said.texts[before:], logs) + len(wrong)
            engine.round += 1
    return _report(judged, engine, _own(messages, tekken) * engine.round, len(messages))


async def _made(store: DigestStore, engine: Misbehaving, logs: Sequence[Log], clock: SystemClock) -> Digest:
    """Another one in each round, so that nothing is taken over from the one before."""
    counters = MemoryCounters()
    bounds = Bounds(slots=1, queue=10, queue_per_person=10, seconds=600)
    engines = Engines(
        Lanes(engine, bounds, clock=clock, counters=counters), None, demo_platforms=(), clock=clock, counters=counters
    )
    maker = Maker(store, engines, settings=EngineSettings(), clock=clock, counters=counters)
    first, last = logs[0].messages[0].sent_at, logs[-1].messages[-1].sent_at
    order = Order(
        platform=PLATFORM,
        rooms=frozenset(log.place.room for log in logs),
        period=Period(since=first, until=last + timedelta(seconds=1)),
        focus=f"round {engine.round}",
    )
    return await maker.make(order, waited_for=READER)


def _judge(judged: Judged, made: Digest, points: Sequence[Point], logs: Sequence[Log]) -> None:
    log = {each.id: each for one in logs for each in one.messages}
    shown = text_of(told(made, link=_link, phrases=Phrases()))
    found = judge.links(shown, log)
    judged.valid += found.valid
    judged.invalid += found.invalid
    judged.inventions += judge.inventions([*points, *made.points], log)


def _link(place: Place, message: str) -> str:
    return f"https://discord.com/channels/{place.guild}/{place.id}/{message}"


def _shown_by_others(texts: Sequence[str], logs: Sequence[Log]) -> int:
    """Invalid addresses in what the model said, as a bot shows them that asks it for links."""
    log = {each.id: each for one in logs for each in one.messages}
    return sum(judge.links(text, log).invalid for text in texts)


def _own(messages: Sequence[Message], tekken: Tekken) -> int:
    """Tokens of what everybody said, with their names."""
    return sum(tekken.count(f"{each.author.name}: {each.text}\n") for each in messages)


def _report(judged: Judged, engine: Misbehaving, own: int, messages: int) -> Report:
    said, report = engine.said, Report()
    report.add("links", judged.valid)
    report.add("invalid_links", judged.invalid, at_most=0)
    report.add("inventions", judged.inventions, at_most=0)
    report.add("planted", judged.planted)
    report.add("planted_dropped", 1 - judged.let_through / judged.planted, at_least=LEAST_DROPPED)
    report.add("good", judged.good)
    report.add("good_lost", 1 - judged.kept / judged.good, at_most=MOST_LOST)
    report.add("evaluated_ratio", said.evaluated / (own + said.generated), at_most=MOST_EVALUATED)
    report.add("window_exceeded", said.over, at_most=0)
    report.add("largest_request", said.largest, "tokens")
    report.add("requests", said.requests)
    report.add("messages", messages)
    report.add("baseline_invalid_links", judged.baseline_invalid)
    return report


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--logs", type=Path, default=SAMPLE, help="a folder of logs: [HH:MM] <nick> text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="calanque-digest-") as home:
        measure(digest(options.logs, Path(home)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

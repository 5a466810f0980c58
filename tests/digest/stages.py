"""A store of messages in memory that behaves as the real one, and a model that finds what people decided."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from bot.digest.making import Maker
from bot.errors import BackendError, ContextOverflow
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.ports.digests import Kept, Spoken, Stage, reads
from bot.ports.seen import OpensFiles
from bot.settings import EngineSettings
from bot.talk.digest import Digest, Order, Period, Progress
from bot.talk.message import Addressed, Message, Person, Place, PlaceKind
from bot.talk.prompt import Chunk, Engine, Prompt
from tests.fakes import START, FakeClock, FakeCounters, FakeEngine

ROOM = Place(platform="local", id="harbour", name="harbour")
OTHER = Place(platform="local", id="pier", name="pier")
PEOPLE = [Person(platform="local", id=name.lower(), name=name) for name in ("Ana", "Ben", "Cleo", "Dario")]
DAY = Period(since=START, until=START + timedelta(days=1))
TO_ALL = frozenset({ROOM.key, OTHER.key})
ORDER = Order(platform="local", rooms=TO_ALL, period=DAY)

_LINE = re.compile(r"(?m)^(?P<number>\d+) (?P<name>[^:\n]+): (?P<text>.*)$")
_POINT = re.compile(r"(?m)^(?P<number>\d+) (?P<section>decided|open|todo|reading): (?P<text>.*)$")


def thread(number: int, *, of: Place = ROOM) -> Place:
    return Place(
        platform="local", id=f"{of.id}-{number}", kind=PlaceKind.THREAD, name=f"t{number}", parent=of.id, open=True
    )


def talk(
    number: int, *, place: Place = ROOM, at: float = 0.0, every: float = 60.0, decided: int = 10, ids: str = ""
) -> list[Message]:
    """So many messages, one every so many seconds; each `decided`-th tells of a decision that no other one has."""
    return [
        Message(
            id=f"{ids or place.id}-{index}",
            place=place,
            author=PEOPLE[index % len(PEOPLE)],
            text=f"We agreed on pier{place.id}{index} and quay{index} for berth{index}."
            if index % decided == 0
            else f"I walked along the water{index} with rope{index} while wind{index} blew.",
            sent_at=START + timedelta(seconds=at + every * index),
            addressed=Addressed.NO,
        )
        for index in range(number)
    ]


class Shelf:
    """Implements `DigestStore`."""

    def __init__(self, *messages: Message) -> None:
        self._seqs = count(1)
        self._rows: dict[str, Kept] = {}
        self.kept: dict[tuple[str, str, int, int], Stage] = {}
        self.pages = 0
        self.add(*messages)

    def add(self, *messages: Message) -> None:
        for message in messages:
            seq = next(self._seqs)
            self._rows[message.id] = Kept(seq=seq, mark=f"{seq}", message=message)

    def edit(self, message_id: str, text: str, *, at: datetime | None = None) -> None:
        row = self._rows[message_id]
        message = replace(row.message, text=text, edited_at=at)
        self._rows[message_id] = replace(row, mark=f"{row.mark}*", message=message)

    def delete(self, *ids: str) -> None:
        for each in ids:
            self._rows.pop(each, None)

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        places = {row.message.place.key: row.message.place for row in self._rows.values()}
        meant = [
            place
            for place in places.values()
            if place.room in order.rooms
            and (not order.places or place.key in order.places or place.room in order.places)
        ]
        counted = [Spoken(place=place, messages=len(self._of(place, order.period))) for place in meant]
        return tuple(
            sorted((each for each in counted if each.messages), key=lambda each: (each.place.room, each.place.key))
        )

    async def said(self, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
        self.pages += 1
        behind = (datetime.min.replace(tzinfo=START.tzinfo), 0) if after is None else (after.message.sent_at, after.seq)
        rows = [row for row in self._of(place, period) if (row.message.sent_at, row.seq) > behind]
        return tuple(rows[:limit])

    async def sources(self, platform: str, ids: Collection[str]) -> Mapping[str, Message]:
        return {each: self._rows[each].message for each in ids if each in self._rows}

    async def stages(self, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
        found = [each for each in self.kept.values() if each.place == place.key and each.asked == asked]
        return tuple(sorted(found, key=lambda each: -each.length))

    async def save_stages(self, made: Sequence[Stage], *, at: datetime) -> None:
        marks = {row.seq: row.mark for row in self._rows.values()}
        for stage in made:
            place = next(row.message.place for row in self._rows.values() if row.message.place.key == stage.place)
            run = [row for row in self._of(place, None) if row.seq in marks]
            first = next((at for at, row in enumerate(run) if row.seq == stage.first), None)
            if first is None:
                continue
            now = run[first : first + stage.length]
            if reads(row.mark for row in now) == stage.reads:
                self.kept[stage.place, stage.asked, stage.first, stage.length] = stage

    def on_edited(self, call: Callable[[Collection[str]], None]) -> None:
        raise NotImplementedError

    def _of(self, place: Place, period: Period | None) -> list[Kept]:
        rows = [row for row in self._rows.values() if row.message.place.key == place.key]
        if period is not None:
            rows = [row for row in rows if period.since <= row.message.sent_at < period.until]
        return sorted(rows, key=lambda row: (row.message.sent_at, row.seq))


class Model(FakeEngine):
    """Points to each line that tells of a decision; of points, to the first ones. Refuses what does not fit."""

    def __init__(self, *, window: int = 2048, vision: bool = False, says: Callable[[str], str] | None = None) -> None:
        super().__init__(engine=Engine(name="fake", model="fake", window=window, vision=vision))
        self.says = says or points_of
        self.really = window
        self.fails: list[BackendError] = []
        self.stuck_at = ""
        self.stuck = asyncio.Event()

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        assert prompt.tokens + reply_tokens < self.engine.window
        if prompt.tokens > self.really:
            raise ContextOverflow("less than was said", prompt_tokens=prompt.tokens, window=self.really)
        text = prompt.pieces[-1].text if prompt.pieces else ""
        if self.stuck_at and self.stuck_at in text:
            self.stuck.set()
            self.scripts.insert(0, [asyncio.Event()])
        elif self.fails:
            self.scripts.insert(0, [self.fails.pop(0)])
        else:
            self.scripts.insert(0, [self.says(text) if text else "Yes."])
        async for chunk in super().stream(prompt, reply_tokens=max(2, reply_tokens)):
            yield chunk

    @property
    def asked_about(self) -> list[list[str]]:
        """The words of the messages of each request about messages, in order."""
        texts = [prompt.pieces[-1].text for prompt in self.prompts]
        return [[line["text"] for line in _LINE.finditer(text)] for text in texts if not _POINT.search(text)]


def points_of(text: str) -> str:
    found = [f"{each['section']} [{each['number']}] {each['text']}" for each in _POINT.finditer(text)]
    if not found:
        lines = [each for each in _LINE.finditer(text) if "agreed" in each["text"]]
        found = [f"decided [{each['number']}] {each['name']}: {each['text']}" for each in lines]
    return "\n".join(found[: int(_most(text))]) or "nothing"


def _most(text: str) -> str:
    found = re.search(r"(\d+) at most", text)
    assert found is not None
    return found[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    shelf: Shelf
    model: Model
    engines: Engines
    lanes: Lanes
    clock: FakeClock
    counters: FakeCounters
    maker: Maker
    progress: list[Progress] = field(default_factory=list[Progress])

    waits: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(self, order: Order = ORDER, *, waited_for: Person | None = None) -> Digest:
        return await self.maker.make(order, waited_for=waited_for, progress=self._comes)

    def _comes(self, progress: Progress) -> None:
        self.progress.append(progress)
        if progress.waits:
            self.waits.set()

    @contextmanager
    def asked_meanwhile(self) -> Generator[list[list[str]]]:
        """What the model is asked about meanwhile."""
        before = len(self.model.asked_about)
        found: list[list[str]] = []
        yield found
        found += self.model.asked_about[before:]


def workshop(
    *messages: Message, model: Model | None = None, window: int = 2048, opens: OpensFiles | None = None
) -> Workshop:
    shelf, model, clock, counters = Shelf(*messages), model or Model(window=window), FakeClock(), FakeCounters()
    lanes = Lanes(model, Bounds(slots=1, queue=9, queue_per_person=2, seconds=600), clock=clock, counters=counters)
    engines = Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters)
    maker = Maker(
        shelf,
        engines,
        settings=EngineSettings(window=1_000_000, reply_tokens=512),
        clock=clock,
        counters=counters,
        opens=opens,
    )
    return Workshop(shelf=shelf, model=model, engines=engines, lanes=lanes, clock=clock, counters=counters, maker=maker)

"""Fakes that behave: a clock moved by hand, a platform that keeps what it shows, an engine that plays scripts."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.errors import AttachmentUnreadable, BackendError
from bot.ports import Hear
from bot.talk.delivery import Delivery, Shown, ShownMessage
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind, Quote
from bot.talk.prompt import CallChunk, Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Call, Image, Instructions, Part, Piece, Question, Reply, Results, Summary
from tests.settling import settle, turns

START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
WHOLE_MOMENTS = 20
"""Of those that come while time passes at once, so many are waited for with their threads."""


class FakeClock:
    """Stands still until `advance`; whoever sleeps wakes when the moment is reached."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._wrong = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed + self._wrong)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock on the wall; no time passes."""
        self._wrong += seconds

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everything that was waiting for it run. Threads are waited for at the beginning, at the
        end and at the first moments between."""
        end, moments = self._elapsed + seconds, 0
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._elapsed, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
                moments += 1
            await (settle() if moments <= WHOLE_MOMENTS else turns())
        self._elapsed = end
        await settle()


class FakeCounters:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self.observed: dict[str, list[float]] = {}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        self.counts[name, tuple(sorted(labels.items()))] += int(amount)

    def observe(self, name: str, value: float, /) -> None:
        self.observed.setdefault(name, []).append(value)

    def get(self, name: str, **labels: str) -> int:
        return self.counts[name, tuple(sorted(labels.items()))]


class FakePlatform:
    """Keeps what each place shows, every revision of it, and fails when told to.

    `standing` is what people see: each message of ours by its id. One that is not handed back as `Shown` stays there.
    """

    def __init__(self, name: str = "local") -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self.revisions: list[Delivery] = []
        self.shown: dict[str, Delivery] = {}
        self.standing: dict[str, Delivery] = {}
        self.typed: list[str] = []
        self.failures: list[Exception] = []
        self.hold: asyncio.Event | None = None
        self.in_flight = 0
        self._changed = asyncio.Condition()
        self._ids = itertools.count(1)

    async def run(self, hear: Hear) -> None:
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        self.in_flight += 1
        try:
            return await self._deliver(delivery, shown)
        finally:
            self.in_flight -= 1

    async def _deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if self.hold is not None:
            await self.hold.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.revisions.append(delivery)
        self.shown[delivery.id] = delivery
        now = self._brought(delivery, shown)
        async with self._changed:
            self._changed.notify_all()
        return now

    def _brought(self, delivery: Delivery, shown: Shown) -> Shown:
        if delivery.final and not (delivery.text or delivery.lead):
            for message in shown.messages:
                self.standing.pop(message.id, None)
            return Shown()
        digest = hashlib.sha256(f"{delivery.text}{delivery.lead}{delivery.actions}".encode()).hexdigest()
        message_id = shown.messages[0].id if shown.messages else self._read_back(delivery, shown)
        self.standing[message_id] = delivery
        return Shown(messages=(ShownMessage(id=message_id, digest=digest),))

    def _read_back(self, delivery: Delivery, shown: Shown) -> str:
        """Where there is a doubt, what stands there of it already."""
        standing = () if shown.since is None else self.standing.items()
        found = (each for each, one in standing if one.id == delivery.id)
        return next(found, None) or f"ours-{next(self._ids)}"

    async def typing(self, place: Place) -> None:
        self.typed.append(place.key)

    def forget(self) -> None:
        """What was shown so far; for long runs in which nobody looks back."""
        for kept in (self.revisions, self.shown, self.standing, self.typed):
            kept.clear()

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        if attachment.source not in self.files:
            raise AttachmentUnreadable(name=attachment.name)
        data = self.files[attachment.source]
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    async def until(self, wanted: Callable[[Delivery], bool]) -> Delivery:
        """The first delivery, shown now or later, that satisfies the predicate."""
        async with asyncio.timeout(30), self._changed:
            while True:
                for delivery in self.shown.values():
                    if wanted(delivery):
                        return delivery
                await self._changed.wait()

    async def final(self, containing: str = "") -> Delivery:
        return await self.until(lambda delivery: delivery.final and containing in delivery.text)


Script = Sequence[str | Call | BackendError | asyncio.Event]


class FakeEngine:
    """Plays one script a request: text, calls, errors, and gates to wait at. One token is one word.

    A request for a single token only has a prompt read ahead: it is kept in `warmed`, waits at `reading` while there is
    one, and plays no script.
    """

    def __init__(self, *scripts: Script, engine: Engine | None = None, template: str = "fake/1") -> None:
        self.scripts = list(scripts)
        self.engine = engine or Engine(name="fake", model="fake", window=32768, vision=True, tools=True)
        self.template = template
        self.prompts: list[Prompt] = []
        self.warmed: list[Prompt] = []
        self.reading: asyncio.Event | None = None
        self.away: BackendError | None = None
        self.miscounts_by = 0
        self.closed = 0
        self.asked = asyncio.Event()

    async def probe(self) -> Engine:
        if self.away is not None:
            raise self.away
        return self.engine

    async def render(self, part: Part) -> Piece:
        text, images = _read(part), ()
        if isinstance(part, Question):
            images = tuple(image for line in part.lines for image in line.images)
        return Piece(text=text, tokens=_count(text, images), template=self.template, images=images)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        if self.away is not None:
            raise self.away
        if reply_tokens == 1:
            async for chunk in self._read_ahead(prompt):
                yield chunk
            return
        self.prompts.append(prompt)
        self.asked.set()
        script = self.scripts.pop(0) if self.scripts else ("Yes.",)
        words = 0
        try:
            for step in script:
                match step:
                    case str():
                        words += len(step.split())
                        yield TextChunk(text=step)
                    case Call():
                        yield CallChunk(call=step)
                    case asyncio.Event():
                        await step.wait()
                    case _:
                        raise step
            reason = StopReason.LENGTH if words > reply_tokens else StopReason.STOP
            counted = sum(_count(piece.text, piece.images) for piece in prompt.pieces) + self.miscounts_by
            yield Finished(reason=reason, prompt_tokens=counted, reply_tokens=words + 1)
        finally:
            self.closed += 1

    async def _read_ahead(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        self.warmed.append(prompt)
        try:
            if self.reading is not None:
                await self.reading.wait()
            yield Finished(reason=StopReason.LENGTH, prompt_tokens=prompt.tokens, reply_tokens=1)
        finally:
            self.closed += 1

    @contextmanager
    def reading_held(self) -> Generator[None]:
        """What is read ahead meanwhile takes for ever."""
        self.reading = asyncio.Event()
        try:
            yield
        finally:
            self.reading.set()
            self.reading = None


def _count(text: str, images: Sequence[Image]) -> int:
    return len(text.split()) + 10 * len(images)


def _read(part: Part) -> str:
    match part:
        case Instructions():
            return f"<head> {part.persona} {' '.join(tool.name for tool in part.tools)} </head>"
        case Summary(text=text):
            return f"<s> {text} </s>"
        case Question():
            return "<q> " + "\n".join(line.text for line in part.lines) + " </q>"
        case Reply():
            return f"{part.text} {' '.join(f'{call.name}{call.arguments}' for call in part.calls)} </s>"
        case Results():
            return "<r> " + " | ".join(result.content for result in part.results) + " </r>"


ANA = Person(platform="local", id="ana", name="Ana")
BEN = Person(platform="local", id="ben", name="Ben")
GENERAL = Place(platform="local", id="general", name="general")

_ids = itertools.count(1)


def said(
    text: str,
    *,
    by: Person = ANA,
    place: Place = GENERAL,
    addressed: Addressed = Addressed.MENTION,
    at: datetime = START,
    message_id: str | None = None,
    attachments: tuple[Attachment, ...] = (),
    quotes: tuple[Quote, ...] = (),
    reply_to: str | None = None,
) -> Message:
    """A message with a fresh id."""
    return Message(
        id=message_id or f"m{next(_ids)}",
        place=place,
        author=by,
        text=text,
        sent_at=at,
        addressed=addressed,
        attachments=attachments,
        quotes=quotes,
        reply_to=reply_to,
    )


def direct(person: Person) -> Place:
    return Place(platform=person.platform, id=f"dm-{person.id}", kind=PlaceKind.DIRECT, name=person.name)

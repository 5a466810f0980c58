"""Makes a digest: reads what was said page by page, has the model make points of it stretch by stretch, joins these.

What the model made of a stretch is kept, so a digest that is broken off goes on there, and one of a longer while begins
with what was made before. Where the engine fails, people's own words are cut out instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from bot.digest import asking, extracts
from bot.digest.inquiry import PATIENCE_SECONDS, Inquiry
from bot.digest.joining import joined
from bot.digest.passages import Passages, Reused
from bot.digest.pictures import Pictures
from bot.digest.pointing import Pointing, Smaller, of_stretch
from bot.digest.reading import attributed
from bot.digest.runs import Cut, cuts, smaller, stages
from bot.digest.support import supported
from bot.lanes.engines import Engines
from bot.ports import Clock, Counters
from bot.ports.digests import DigestStore, Kept, Spoken
from bot.ports.seen import OpensFiles
from bot.settings import EngineSettings
from bot.talk.digest import Digest, Made, Order, Point, Progress
from bot.talk.message import Message, Person, Place

READ_AHEAD = 1.6
"""Stretches that are read before one is made, so that it can end where a conversation does."""
TRIES = 4
"""Times that a stretch is made smaller because its tokens were guessed too few."""
MORE = 0.5
"""Stretches that are read before it is looked again whether one can be made."""
MOST_BUFFERED = 10_000
"""Messages that wait for the end of a stretch; where that many say nothing, it ends."""
UNASKED_ROOM = 60_000
"""Bytes of a stretch without the model."""
LINE = 12
"""Bytes of a line beside its text and name, about."""


class Maker:
    """Of digests. Raises DatabaseUnusable; whatever the engine does ends in a digest. `opens`: pictures that people
    posted, for a model that sees."""

    def __init__(
        self,
        store: DigestStore,
        engines: Engines,
        *,
        settings: EngineSettings,
        clock: Clock,
        counters: Counters,
        opens: OpensFiles | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._engines = engines
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._opens = opens
        self._patience = patience_seconds

    async def make(
        self, order: Order, *, waited_for: Person | None, progress: Callable[[Progress], None] = lambda _: None
    ) -> Digest:
        """`waited_for`: who takes a place in line for it; None: the engine's idle time, however long that takes.

        `progress` is told at once how much there is, and again whenever that changes. It may be cancelled at any time:
        made again, it goes on with what was kept.
        """
        making = await self._begun(order, progress)
        if not making.of:
            return await making.run(None)
        inquiry = Inquiry(
            self._engines,
            platform=order.platform,
            waited_for=waited_for,
            window=self._settings.window,
            reply=min(self._settings.reply_tokens, asking.REPLY_TOKENS[of_stretch(order.length)]),
            instructions=asking.instructions(),
            clock=self._clock,
            waits=making.report,
            patience_seconds=self._patience,
        )
        if self._opens is not None:
            making.pictures = Pictures(inquiry, self._opens, platform=order.platform, language=order.language)
        return await making.run(Pointing(inquiry, order, counters=self._counters))

    async def gather(self, order: Order) -> Digest:
        """Without the model."""
        return await (await self._begun(order, lambda _: None)).run(None)

    async def _begun(self, order: Order, progress: Callable[[Progress], None]) -> _Making:
        spoken = await self._store.spoken(order)
        making = _Making(self._store, order, spoken, clock=self._clock, counters=self._counters, progress=progress)
        making.report()
        return making


@dataclass(frozen=True, slots=True, kw_only=True)
class _Points:
    """Of a stretch that began then."""

    began: datetime
    points: tuple[Point, ...]


class _Making:
    """One digest under way. `of`: messages that there are."""

    def __init__(
        self,
        store: DigestStore,
        order: Order,
        spoken: Sequence[Spoken],
        *,
        clock: Clock,
        counters: Counters,
        progress: Callable[[Progress], None],
    ) -> None:
        self._store = store
        self._order = order
        self._spoken = spoken
        self._clock = clock
        self._counters = counters
        self._progress = progress
        self.pictures: Pictures | None = None
        self._pointing: Pointing | None = None
        self._points: list[_Points] = []
        self._people: set[str] = set()
        self._first: datetime | None = None
        self._edited: dict[str, datetime] = {}
        self._read = self._by_model = self._by_hand = 0
        self.of = sum(each.messages for each in spoken)

    def report(self, waits: bool = False) -> None:
        self._progress(Progress(read=min(self._read, self.of), of=self.of, waits=waits))

    async def run(self, pointing: Pointing | None) -> Digest:
        """`pointing` None: without the model."""
        self._pointing = pointing
        if pointing is not None:
            await pointing.look()
        for _, spoken in groupby(self._spoken, key=lambda each: each.place.room):
            await self._of_room(list(spoken))
        return await self._digest()

    async def _of_room(self, spoken: Sequence[Spoken]) -> None:
        """Small places of one room are told together: whoever reads one of them reads all."""
        buffer: list[Kept] = []
        size = left = 0
        for each in spoken:
            key = each.place.key
            async with aclosing(self._passages(each.place)) as passages:
                async for passage in passages:
                    if isinstance(passage, Reused):
                        if buffer and buffer[-1].message.place.key == key:  # a stage is of one run of messages
                            buffer, size, left = await self._drained(buffer, None), 0, 0
                        self._reuse(passage)
                        continue
                    buffer.append(passage)
                    size += _size(passage)
                    if self._is_enough(size, left) or len(buffer) >= MOST_BUFFERED:
                        buffer = await self._drained(buffer, key if len(buffer) < MOST_BUFFERED else None)
                        size = left = sum(map(_size, buffer))
        await self._drained(buffer, None)

    def _passages(self, place: Place) -> AsyncGenerator[Reused | Kept]:
        asked = "" if self._pointing is None else self._pointing.asked
        return Passages(self._store, place, self._order.period, asked=asked).read()

    def _is_enough(self, size: int, left: int) -> bool:
        """`size`: bytes of what was read ahead; `left`: of these, what could not be made anything of yet."""
        room, tokens_per_byte = self._measures()
        return size * tokens_per_byte > max(room * READ_AHEAD, left * tokens_per_byte + room * MORE)

    def _measures(self) -> tuple[int, float]:
        if self._pointing is None:
            return UNASKED_ROOM, 1.0
        return self._pointing.room, self._pointing.tokens_per_byte

    def _reuse(self, reused: Reused) -> None:
        self._counters.add("digest_stages_total", outcome="reused")
        self._points.append(_Points(began=reused.kept[0].message.sent_at, points=reused.stage.points))
        self._by_model += len(reused.kept)
        self._heard(reused.kept)
        self.report()

    def _heard(self, kept: Sequence[Kept]) -> None:
        self._read += len(kept)
        for each in kept:
            self._first = min(self._first or each.message.sent_at, each.message.sent_at)
            if each.message.edited_at is not None:
                self._edited[each.message.id] = each.message.edited_at
        self._people.update(each.message.author.key for each in kept if not each.message.author.bot)

    async def _drained(self, buffer: list[Kept], reading: str | None) -> list[Kept]:
        """What is left of it. `reading`: the place of which there is more to come."""
        if not buffer:
            return buffer
        if self._pointing is not None:
            await self._pointing.measure([each.message for each in buffer])
        room, tokens_per_byte = self._measures()
        found, left = await asyncio.to_thread(cuts, buffer, room=room, tokens_per_byte=tokens_per_byte, reading=reading)
        for cut in found:
            await self._make(cut, TRIES)
        if reading is not None:
            return left
        self._heard(left)
        return []

    async def _make(self, cut: Cut, tries: int) -> None:
        points = None if self._pointing is None else await self._pointing.of(cut.shown)
        if isinstance(points, Smaller) and tries:
            tokens_per_byte = self._measures()[1]
            parts = await asyncio.to_thread(smaller, cut, room=points.room, tokens_per_byte=tokens_per_byte)
            for part in parts:
                await self._make(part, tries - 1)
            return
        if isinstance(points, tuple) and self._pointing is not None:
            made = stages(cut, points, asked=self._pointing.asked)
            await self._store.save_stages(made, at=self._clock.now())
            self._by_model += cut.messages
            outcome = "made"
        else:
            points = await asyncio.to_thread(extracts.extracts, cut.shown, length=self._order.length)
            self._by_hand += cut.messages
            outcome = "extracts"
        self._counters.add("digest_stages_total", outcome=outcome)
        self._points.append(_Points(began=cut.shown[0].sent_at, points=points))
        for part in cut.parts:
            self._heard(part.kept)
        self.report()

    async def _digest(self) -> Digest:
        self._points.sort(key=lambda each: each.began)
        by_model = self._by_model and self._by_model >= self._by_hand
        points = await joined(
            [each.points for each in self._points],
            length=self._order.length,
            pointing=self._pointing if by_model else None,
        )
        standing, there = await self._standing(points)
        made = Made.MODEL if by_model else Made.EXTRACTS
        self._counters.add("digests_total", outcome=made.value if self._read else "empty")
        return Digest(
            points=standing if self.pictures is None else await self.pictures.told(standing, there),
            period=self._order.period,
            messages=self._read,
            people=len(self._people),
            made=made,
            language=self._order.language,
            first=self._first,
            edited=frozenset((each.id, each.edited_at) for each in there.values() if each.edited_at is not None),
        )

    async def _standing(self, points: Sequence[Point]) -> tuple[tuple[Point, ...], Mapping[str, Message]]:
        """Those whose messages are all still there and still say it: it may have taken long. Authors are named, also
        where the model did not when it joined points. And the messages, as they read now."""
        named = {each.message for point in points for each in point.sources}
        there = await self._store.sources(self._order.platform, named)
        standing = tuple(
            replace(point, text=attributed(point.text, [there[each.message] for each in point.sources]))
            for point in points
            if all(each.message in there for each in point.sources)
            and self._is_said(point, [there[each.message] for each in point.sources])
        )
        return standing, there

    def _is_said(self, point: Point, sources: Sequence[Message]) -> bool:
        """Words may have been taken back meanwhile."""
        changed = any(each.edited_at != self._edited.get(each.id) for each in sources)
        return not changed or supported(point.text, sources)


def _size(kept: Kept) -> int:
    message = kept.message
    quoted = sum(len(quote.text) for quote in message.quotes)
    return len(message.text.encode("utf-8", "surrogatepass")) + len(message.author.name) + quoted + LINE

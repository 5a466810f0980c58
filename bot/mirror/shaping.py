"""Carries over what becomes of threads: a new title, tags, that they are closed, locked or opened again.

What a thread is to become is a row (`MirrorStore`): of several changes only the last is made. Nothing waits for it, and
it waits for the copies that came before: one of these would open a closed thread again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import BackendError, CalanqueError, PlaceGone, PlatformUnavailable
from bot.mirror.audience import Fit, Readers
from bot.mirror.book import Book
from bot.mirror.rounds import Rounds
from bot.mirror.translating import Translating
from bot.mirror.words import title
from bot.ports import Clock, Counters
from bot.ports.mirrors import MirrorStore
from bot.ports.shapes import Shapes
from bot.talk.message import Place
from bot.talk.mirror import Link, Owing, Side
from bot.talk.shape import TAGS, Change, Owed, Part, Value, counterparts

TITLES, TITLES_SECONDS = 2, 600.0
"""Discord lets the title of one thread be changed so often in so long."""
TITLED = 1000
"""Threads of which it is remembered when that was."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """`done`: what is owed no more with it. `then`: what is owed in its place."""

    change: Change
    done: Mapping[Part, Owed]
    then: Mapping[Part, Owed]


class Shaping:
    """`shapes` by platform."""

    def __init__(
        self,
        store: MirrorStore,
        book: Book,
        readers: Readers,
        translating: Translating,
        *,
        shapes: Mapping[str, Shapes],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._book = book
        self._readers = readers
        self._translating = translating
        self._shapes = shapes
        self._clock = clock
        self._counters = counters
        self._rounds = Rounds(self._waiting, self._serve, clock)
        self._titled: dict[str, deque[float]] = {}  # by thread; by the monotonic clock

    def look(self) -> None:
        """Something may be to be changed."""
        self._rounds.look()

    def may_shape(self, channel: Place) -> bool | None:
        """Whether we may manage the threads there; None where that is not known."""
        shapes = self._shapes.get(channel.platform)
        return None if shapes is None else shapes.may_shape(channel)

    async def run(self) -> None:
        """Until cancelled."""
        await self._rounds.run()

    async def _waiting(self, limit: int) -> tuple[str, ...]:
        return await self._store.owing_threads(limit=limit)

    async def _serve(self, thread: str) -> bool:
        try:
            while (owing := await self._store.owing(thread)) is not None:
                if owing.waits or not await self._changed(owing):
                    return False
        except CalanqueError as error:
            log.warning("a thread could not be changed yet: %s", error)
            return False
        except Exception:
            log.exception("a thread could not be changed")
            return False
        return True

    async def _changed(self, owing: Owing) -> bool:
        """Whether to go on with it now."""
        channel, shapes = owing.thread.channel, self._shapes.get(owing.thread.platform)
        link = None if channel is None else await self._book.of(channel)
        side = None if link is None else link.side(owing.side)
        if link is None or side is None or shapes is None:
            await self._store.answer_thread(owing.thread, {}, {}, done=owing.followed.owed)
            return True
        if shapes.may_shape(side.place) is None or not await self._may_be_told(owing, link, side):
            return False
        step = await self._step(owing, link, side, shapes)
        if not step.change:
            await self._store.answer_thread(owing.thread, {}, {}, done=step.done)
            return bool(step.done)
        if await self._store.ask_thread(owing, step.change, then=step.then, at=self._clock.now()):
            made = await self._reshaped(owing, step.change, shapes)
            await self._store.answer_thread(owing.thread, step.change, made, done=step.done)
        return True

    async def _may_be_told(self, owing: Owing, link: Link, side: Side) -> bool:
        """Whether all that is owed may stand in the channel, as of now."""
        for source in sorted({each.source for each in owing.followed.owed.values()}):
            other = link.side(source)
            if other is None:
                continue
            fit = await self._readers.fit(link, other.place, side.place)
            if fit is Fit.WIDER:
                log.warning("others read a linked channel than was confirmed; link %s ends", link.id)
                await self._book.end(link, "mirror-ended-readers")
            elif fit is Fit.GONE:
                await self._book.leave_gone([other.place, side.place])
            if fit not in (Fit.COVERED, Fit.CONFIRMED):
                return False
        return True

    async def _step(self, owing: Owing, link: Link, side: Side, shapes: Shapes) -> _Step:
        followed, wanted, done = owing.followed, dict[Part, Value](), dict[Part, Owed]()
        for part, owed in followed.owed.items():
            source = link.side(owed.source)
            value = None if source is None else await self._wanted(owing, part, (source, side), shapes)
            if value is not None:
                wanted[part] = value
            if value is not None or source is None or part is not Part.TITLE:
                done[part] = owed
        change = {part: value for part, value in wanted.items() if followed.expected(part) != value}
        closed, then = followed.expected(Part.ARCHIVED) is True, dict[Part, Owed]()
        if closed and change and Part.ARCHIVED not in change:
            # Nothing else of a closed thread can be changed: it is opened for that, and closed again.
            change[Part.ARCHIVED] = False
            source = next(iter(done.values())).source
            then[Part.ARCHIVED] = Owed(value=True, source=source, since=self._clock.now())
            done.pop(Part.ARCHIVED, None)
        return _Step(change=change, done=done, then=then)

    async def _wanted(self, owing: Owing, part: Part, sides: tuple[Side, Side], shapes: Shapes) -> Value | None:
        """As the part is to be there; None: of a title, that it waits; else that there is no such part."""
        (source, side), owed = sides, owing.followed.owed[part]
        if part is Part.TITLE:
            return await self._title(owing, owed, side)
        if not isinstance(owed.value, frozenset):
            return owed.value
        if not (source.forum and side.forum):
            return None
        tags = counterparts(
            owed.value,
            source=shapes.tags(source.place),
            target=shapes.tags(side.place),
            standing=owing.followed.seen.tags,
        )
        return frozenset(tags[:TAGS])

    async def _title(self, owing: Owing, owed: Owed, side: Side) -> str | None:
        if not self._may_title(owing.thread.key):
            return None
        words = str(owed.value)
        try:
            translated = await self._translating.translated(words, side, since=owed.since)
        except BackendError as error:
            log.info("a title waits for its translation: %s", error)
            return None
        return title(words if translated is None else translated.text)

    async def _reshaped(self, owing: Owing, change: Change, shapes: Shapes) -> Change:
        """What was made of it."""
        try:
            made = await shapes.reshape(owing.thread, change)
        except PlaceGone as error:
            log.warning("a thread could not be changed: %s", error)
            made = {}
        except PlatformUnavailable as error:
            if Part.TITLE in change and error.retry_after is not None:
                self._note_title(owing.thread.key, TITLES)  # perhaps only that is too much, and the rest is not
            raise
        if Part.TITLE in made:
            self._note_title(owing.thread.key, 1)
        self._counters.add("mirror_threads_changed_total", outcome="changed" if made else "refused")
        return made

    def _may_title(self, thread: str) -> bool:
        times = self._titled.get(thread)
        return times is None or len(times) < TITLES or self._clock.monotonic() - times[0] >= TITLES_SECONDS

    def _note_title(self, thread: str, times: int) -> None:
        now = self._clock.monotonic()
        self._titled.setdefault(thread, deque(maxlen=TITLES)).extend([now] * times)
        if len(self._titled) > TITLED:
            self._titled = {each: at for each, at in self._titled.items() if now - at[-1] < TITLES_SECONDS}

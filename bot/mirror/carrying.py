"""Carries copies over: in each channel one after the other, in the order in which they were said.

What is to be done is a row (`MirrorStore`), so that a process that dies leaves nothing undone and does nothing twice.
A copy goes into the outbox in one transaction with its mark that it is there; the next one waits until it is shown, so
that no order is lost and at most one send of a channel is in doubt.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.errors import BackendError, CalanqueError, ModelError
from bot.languages.phrases import Phrases
from bot.mirror import words as saying
from bot.mirror.audience import Fit, Readers
from bot.mirror.book import Book
from bot.mirror.ways import Ways
from bot.ports import Clock, Counters, Deliveries
from bot.ports.mirrors import MirrorStore
from bot.ports.translation import Translated, Translates
from bot.settings import MirrorSettings
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Told
from bot.talk.ground import Standing
from bot.talk.message import Conversation, Place
from bot.talk.mirror import Carried, Copy, Link, Side, Way

LANES = 64
"""Channels that are served beside each other."""
PAUSES = (1.0, 2.0, 5.0, 15.0)
"""Seconds before something is looked at again that waits; the last one repeats."""
MINUTE = 60.0
GRACE = 30.0
"""Seconds that a translation may take at least, however long its message has waited."""
AGAIN_AFTER = 60.0
"""Seconds for which an engine that failed is not waited for any more by what has waited long."""
BARRED_SECONDS = 24 * 3600.0
"""So long copies wait for a channel in which we may not write; then its link ends."""
TRIES = 3
"""A copy that fails so often by a defect of ours is given up."""

_UNDER_WAY = (DeliveryState.READY, DeliveryState.OPEN)

log = logging.getLogger(__name__)


class Carrying:
    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        book: Book,
        readers: Readers,
        translates: Translates,
        *,
        limits: MirrorSettings,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._book = book
        self._readers = readers
        self._translates = translates
        self._limits = limits
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._ways = Ways(store, clock)
        self._news = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, deque[float]] = {}  # by target, of which there are as many as linked channels
        self._barred_since: dict[str, float] = {}  # by target, by the monotonic clock
        self._failed_at = float("-inf")

    def look(self) -> None:
        """Something may be to be carried over."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._news.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._news.wait()
                self._news.clear()
                try:
                    targets = await self._store.waiting_targets(limit=LANES)
                except CalanqueError as error:
                    log.warning("what is to be carried over could not be read: %s", error)
                    await self._clock.sleep(PAUSES[-1])
                    self._news.set()
                    continue
                for target in targets:
                    if target not in self._lanes and len(self._lanes) < LANES:
                        self._lanes[target] = group.create_task(self._serve(target))

    async def _serve(self, target: str) -> None:
        tries: Counter[int] = Counter()
        try:
            while await self._served(target, tries):
                pass
        finally:
            del self._lanes[target]
        self._news.set()

    async def _served(self, target: str, tries: Counter[int]) -> bool:
        """Whether there was anything. `tries`: how often each copy has failed by a defect."""
        copy = None
        try:
            copy = await self._store.next_copy(target)
            if copy is None:
                return False
            if tries[copy.seq] >= TRIES:
                await self._give_up(copy, "defect")
            else:
                await self._carry(copy)
        except CalanqueError as error:
            log.warning("a copy could not be carried over yet: %s", error)
            await self._clock.sleep(PAUSES[-1])
        except Exception:
            log.exception("a copy could not be carried over")
            tries[-1 if copy is None else copy.seq] += 1
            await self._clock.sleep(PAUSES[-1])
        return True

    async def _carry(self, copy: Copy) -> None:
        if copy.under_way:
            await self._until_over(copy, copy.saved)
            return
        if copy.gone:
            await self._show(copy, self._delivery(copy, "", ""))
            return
        link = await self._book.known(copy.link, copy.channel)
        side = None if link is None else link.side(copy.target.key)
        if link is None or side is None or copy.words is None:
            await self._give_up(copy, "unlinked")
            return
        fit = await self._readers.fit(link, copy.channel, copy.target)
        if fit is Fit.UNKNOWN:
            await self._clock.sleep(PAUSES[-1])
        elif fit is Fit.WIDER:
            log.warning("others read a linked channel than was confirmed; link %s ends", link.id)
            await self._book.end(link, "mirror-ended-readers")
        elif fit is Fit.GONE:
            await self._leave([copy.channel, copy.target])
        elif await self._is_open(link, side) and await self._may_send(copy):
            await self._find_way(copy, copy.words, side, covered=fit is Fit.COVERED)

    async def _is_open(self, link: Link, side: Side) -> bool:
        """Whether we can write there; else after a wait it is to be looked at again. The other channels go on. What is
        barred for long ends the link."""
        key, standing, now = side.place.key, await self._readers.standing(side), self._clock.monotonic()
        if standing is Standing.OPEN:
            self._barred_since.pop(key, None)
            return True
        if standing is Standing.GONE:
            await self._leave([side.place])
        elif standing is Standing.BARRED and now - self._barred_since.setdefault(key, now) >= BARRED_SECONDS:
            del self._barred_since[key]
            await self._book.end(link, "mirror-ended-barred")
        else:
            await self._clock.sleep(PAUSES[-1])
        return False

    async def _find_way(self, copy: Copy, words: Carried, side: Side, *, covered: bool) -> None:
        way = await self._ways.of(copy, side)
        if isinstance(way, Copy):
            await self._carry(way)
        elif way.closed:
            await self._give_up(copy, "closed")
        elif way.waits:
            await self._clock.sleep(PAUSES[-1])
        else:
            await self._say(copy, words, side, way, covered=covered)

    async def _say(self, copy: Copy, words: Carried, side: Side, way: Way, *, covered: bool) -> None:
        phrases = self._phrases.to(side.language)
        translated = await self._translated(copy, words.text, side)
        text, note, kind = words.text, phrases.say("mirror-untranslated"), "original"
        if translated is not None:
            text, note, kind = translated.text, "", "same"
            if not translated.same:
                source = phrases.language(translated.source) if translated.source else "?"
                note, kind = phrases.say("mirror-translated", language=source), "translated"
        lead = saying.lead(note, self._readers.link(copy.source, copy.original), phrases)
        shown = saying.head(text) if copy.heads else saying.shown(words, text)
        delivery = self._delivery(copy, "" if words.empty else shown, lead)
        opens = "" if way.opened else await self._title(copy, text, way, side)
        delivery = replace(delivery, conversation=Conversation(place=way.thread or copy.target), opens=opens)
        if covered and delivery.text:  # asked anew before each send
            told = Told(text=delivery.text, rooms=frozenset({copy.channel.room}))
            delivery = replace(delivery, told=(told,))
        if await self._show(copy, delivery):
            if not copy.done:
                self._sent_to(copy.target).append(self._clock.monotonic())
            self._counters.add("mirror_copies_total", kind=kind)

    async def _title(self, copy: Copy, text: str, way: Way, side: Side) -> str:
        """Of the thread that is to be begun. `text`: of the copy, as it is read there."""
        if copy.heads:
            return saying.title(text)
        translated = await self._translated(copy, way.title, side)
        return saying.title(way.title if translated is None else translated.text)

    async def _translated(self, copy: Copy, text: str, side: Side) -> Translated | None:
        """None where it goes as it is: too long, beyond the model, or it has waited long enough."""
        if not text.strip():
            return Translated(text=text, source="", to=side.language, same=True)
        if len(text) > self._limits.chars:
            return None
        waited = self._clock.now() - copy.taken_at
        left = (timedelta(minutes=self._limits.wait_minutes) - waited).total_seconds()
        failed = self._clock.monotonic() - self._failed_at < AGAIN_AFTER
        if left <= 0 and failed:
            return None
        conversation = Conversation(place=side.place)
        try:
            async with asyncio.timeout(max(left, GRACE)):
                return await self._translates.translated(text, to=side.language, conversation=conversation)
        except ModelError as error:
            log.info("a copy is carried over as it is: %s", error)
            return None
        except (BackendError, TimeoutError) as error:
            self._failed_at = self._clock.monotonic()
            if left <= 0 or isinstance(error, TimeoutError):
                return None
            raise

    def _delivery(self, copy: Copy, text: str, lead: str) -> Delivery:
        lead = lead if text else ""
        return Delivery(
            id=copy.delivery, conversation=Conversation(place=copy.target), text=text, lead=lead, quiet=True
        )

    async def _show(self, copy: Copy, delivery: Delivery) -> bool:
        """Whether it was put into the outbox; it is over there when this returns."""
        outgoing = await self._store.save_copy(copy, delivery, at=self._clock.now())
        if outgoing is None:
            return False
        await self._deliveries.finish(outgoing.delivery, outgoing.shown)
        await self._until_over(copy, copy.revision)
        return True

    async def _until_over(self, copy: Copy, revision: int) -> None:
        """The outbox gives up by itself after a day."""
        pauses = list(PAUSES)
        while (state := await self._store.settle_copy(copy, revision=revision)) in _UNDER_WAY:
            await self._clock.sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
        if state is DeliveryState.FAILED:
            await self._refused(copy)

    async def _refused(self, copy: Copy) -> None:
        self._counters.add("mirror_copies_lost_total", reason="refused")
        if await self._book.known(copy.link, copy.target) is None:
            return
        await self._leave([copy.target])

    async def _leave(self, places: Sequence[Place]) -> None:
        for place in places:
            if await self._readers.standing(Side(place=place, language="")) is Standing.GONE:
                await self._book.leave(place)

    async def _may_send(self, copy: Copy) -> bool:
        """Not more than the limit in a minute; where it is reached, after a wait it is to be looked at again."""
        sent, now = self._sent_to(copy.target), self._clock.monotonic()
        if copy.done or len(sent) < self._limits.per_minute or now - sent[0] >= MINUTE:
            return True
        await self._clock.sleep(MINUTE - (now - sent[0]))
        return False

    def _sent_to(self, target: Place) -> deque[float]:
        """When the last ones were, by the monotonic clock; edits do not count."""
        return self._sent.setdefault(target.key, deque(maxlen=self._limits.per_minute))

    async def _give_up(self, copy: Copy, reason: str) -> None:
        self._counters.add("mirror_copies_lost_total", reason=reason)
        await self._store.drop_copy(copy)

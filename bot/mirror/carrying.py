"""Carries copies over: in each channel one after the other, in the order in which they were said.

What is to be done is a row (`MirrorStore`), so that a process that dies leaves nothing undone and does nothing twice.
A copy goes into the outbox in one transaction with its mark that it is there; the next one waits until it is shown, so
that no order is lost and at most one send of a channel is in doubt.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.mirror import words as saying
from bot.mirror.audience import Fit, Readers
from bot.mirror.barring import Barring
from bot.mirror.book import Book
from bot.mirror.rounds import Rounds
from bot.mirror.translating import Translating
from bot.mirror.ways import Ways
from bot.ports import Clock, Counters, Deliveries
from bot.ports.mirrors import MirrorStore
from bot.settings import MirrorSettings
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Told
from bot.talk.message import Conversation, Place
from bot.talk.mirror import Carried, Copy, Side, Unseen, Way

PAUSES = (1.0, 2.0, 5.0, 15.0)
"""Seconds before something is looked at again that waits; the last one repeats."""
MINUTE = 60.0
DOUBT = timedelta(minutes=10)
"""So long a reply waits, after it was said, until it is known whether it is one to a copy."""
TRIES = 3
"""A copy that fails so often by a defect of ours is given up."""

_UNDER_WAY = (DeliveryState.READY, DeliveryState.OPEN)

log = logging.getLogger(__name__)


class Carrying:
    """`rested`: told each time when nothing waits for a channel any more."""

    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        book: Book,
        readers: Readers,
        translating: Translating,
        *,
        ways: Ways,
        rested: Callable[[], None],
        limits: MirrorSettings,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._book = book
        self._readers = readers
        self._translating = translating
        self._limits = limits
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._ways = ways
        self._rested = rested
        self._barring = Barring(store, book, readers, ways, clock)
        self._rounds = Rounds(self._waiting, self._serve, clock)
        self._sent: dict[str, deque[float]] = {}  # by target, of which there are as many as linked channels

    def look(self) -> None:
        """Something may be to be carried over."""
        self._rounds.look()

    async def run(self) -> None:
        """Until cancelled."""
        await self._rounds.run()

    async def _waiting(self, limit: int) -> tuple[str, ...]:
        return await self._store.waiting_targets(limit=limit)

    async def _serve(self, target: str) -> bool:
        tries: Counter[int] = Counter()
        while await self._served(target, tries):
            pass
        self._rested()
        return True

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
            await self._book.leave_gone([copy.channel, copy.target])
        elif await self._barring.is_open(link, side) and await self._may_send(copy):
            seen = "" if fit is Fit.COVERED else link.seen(copy.channel, copy.target)
            await self._find_way(copy, copy.words, side, seen=seen)

    async def _find_way(self, copy: Copy, words: Carried, side: Side, *, seen: str) -> None:
        if self._clock.now() - copy.taken_at < DOUBT and await self._store.is_answered_unknown(copy):
            await self._clock.sleep(PAUSES[0])
            return
        way = await self._ways.of(copy, side)
        if isinstance(way, Copy):
            await self._carry(way)
        elif way.closed:
            await self._give_up(copy, "closed")
        elif way.waits:
            await self._clock.sleep(PAUSES[-1])
        else:
            await self._say(copy, words, side, way, seen=seen)

    async def _say(self, copy: Copy, words: Carried, side: Side, way: Way, *, seen: str) -> None:
        phrases = self._phrases.to(side.language)
        translated = await self._translating.translated(words.text, side, since=copy.taken_at)
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
        delivery = replace(
            delivery,
            conversation=Conversation(place=way.thread or copy.target),
            opens=opens,
            tags=way.tags,
        )
        if delivery.text:  # asked anew before each send
            told = Told(text=delivery.text, rooms=frozenset({copy.channel.room}), seen=seen)
            delivery = replace(delivery, told=(told,))
        if await self._show(copy, delivery):
            if not copy.done:
                self._sent_to(copy.target).append(self._clock.monotonic())
            self._counters.add("mirror_copies_total", kind=kind)

    async def _title(self, copy: Copy, text: str, way: Way, side: Side) -> str:
        """Of the thread that is to be begun. `text`: of the copy, as it is read there."""
        if copy.heads:
            return saying.title(text)
        translated = await self._translating.translated(way.title, side, since=copy.taken_at)
        return saying.title(way.title if translated is None else translated.text)

    def _delivery(self, copy: Copy, text: str, lead: str) -> Delivery:
        lead = lead if text else ""
        return Delivery(
            id=copy.delivery, conversation=Conversation(place=copy.target), text=text, lead=lead, quiet=True
        )

    async def _show(self, copy: Copy, delivery: Delivery) -> bool:
        """Whether it was put into the outbox, and not hidden by the last door; it is over there when this returns."""
        outgoing = await self._store.save_copy(copy, delivery, at=self._clock.now())
        if outgoing is None:
            return False
        await self._deliveries.finish(outgoing.delivery, outgoing.shown)
        return await self._until_over(copy, copy.revision)

    async def _until_over(self, copy: Copy, revision: int) -> bool:
        """Whether people there might read it. The outbox gives up by itself after a day."""
        pauses = list(PAUSES)
        while (state := await self._store.settle_copy(copy, revision=revision)) in _UNDER_WAY:
            await self._clock.sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
        if state is DeliveryState.SENT:
            self._barring.sent(copy)
        elif state is DeliveryState.FAILED or (
            state is DeliveryState.BARRED and await self._barring.refused(copy, revision=revision)
        ):
            await self._refused(copy)
        elif state is Unseen.HIDDEN and copy.heads:
            await self._clock.sleep(PAUSES[-1])  # what waits for it looks once more
        elif state is Unseen.HIDDEN:
            self._counters.add("mirror_copies_lost_total", reason="hidden")
        return state is not Unseen.HIDDEN

    async def _refused(self, copy: Copy) -> None:
        self._counters.add("mirror_copies_lost_total", reason="refused")
        if await self._book.known(copy.link, copy.target) is not None:
            await self._book.leave_gone([copy.target])

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

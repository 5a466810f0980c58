"""The only way out: the outbox. A delivery is a row before it is on any screen.

A streamed answer is an early view of a row: `draft` keeps the place showing the latest text, one call in flight,
whatever was skipped meanwhile never sent. What is final is stored by the caller together with its turn and then
handed to `finish`; what cannot be shown now is tried again by `run`, with growing pauses, up to a limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.errors import CalanqueError, PlaceGone, PlatformUnavailable
from bot.ports import Clock, Counters, Platform, Store
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Place
from bot.talk.record import Outgoing

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0  # seconds before a failed delivery is tried again; doubles each time
LONGEST_PAUSE = 60.0
GIVE_UP_AFTER = timedelta(hours=24)
QUEUE = 10_000  # deliveries waiting to be shown
IN_FLIGHT = 100  # deliveries tried again beside each other
SIGN_AFTER_SECONDS = 2.0  # typing alone is enough of an answer this long
TYPING_SECONDS = 8.0  # Discord shows typing for 10 seconds


class Draft:
    """The view of a delivery that is still being written."""

    def __init__(self, deliver: Deliver, delivery: Delivery, shown: Shown) -> None:
        self._deliver = deliver
        self._wanted: Delivery | None = None
        self._changed = asyncio.Event()
        self._conversation = delivery.conversation
        self.shown = shown

    def show(self, delivery: Delivery) -> None:
        """Bring the place to show this, soon; an earlier wish that was not yet sent is forgotten."""
        self._wanted = delivery
        self._changed.set()

    async def keep_waiting(self, clock: Clock, waiting: Delivery) -> None:
        """Until cancelled: typing at once, and a sign that can be stopped if nothing was shown for a while."""
        await self._deliver.typing(self._conversation.place)
        await clock.sleep(SIGN_AFTER_SECONDS)
        if self._wanted is None:
            self.show(waiting)
        while True:
            await self._deliver.typing(self._conversation.place)
            await clock.sleep(TYPING_SECONDS)

    async def keep_showing(self, clock: Clock, pace: float) -> None:
        """Until cancelled. A platform that fails for now is left alone until there is something newer to show."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted
            assert wanted is not None
            # A cancelled call may or may not have reached the platform: let it end, then stop.
            call = asyncio.ensure_future(self._shown(wanted))
            try:
                await asyncio.shield(call)
            except asyncio.CancelledError:
                await call
                raise
            await clock.sleep(pace)

    async def _shown(self, wanted: Delivery) -> None:
        try:
            self.shown = await self._deliver.show(wanted, self.shown)
        except CalanqueError as error:
            # The final text decides what becomes of the delivery; a view that fails is only late.
            log.info("showing a draft failed: %s: %s", type(error).__name__, error)


class Deliver:
    """The outbox. `pace`: seconds between two edits of a draft, by platform."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        *,
        pace: Mapping[str, float],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._pace = pace
        self._clock = clock
        self._counters = counters
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue(QUEUE)

    @asynccontextmanager
    async def draft(self, delivery: Delivery, shown: Shown) -> AsyncGenerator[Draft]:
        """The place types, then shows what the draft is told to show. Afterwards nothing is in flight."""
        draft = Draft(self, delivery, shown)
        pace = self._pace.get(delivery.conversation.place.platform, 1.0)
        tasks = [
            asyncio.create_task(draft.keep_waiting(self._clock, delivery)),
            asyncio.create_task(draft.keep_showing(self._clock, pace)),
        ]
        try:
            yield draft
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    log.error("a draft could not be shown", exc_info=ended)

    async def post(self, delivery: Delivery) -> None:
        """A delivery that belongs to no turn: written down, then shown; only told where it cannot be written down."""
        try:
            await self._store.save_delivery(delivery, DeliveryState.READY, at=self._clock.now())
        except CalanqueError as error:
            log.error("delivery %s could not be written down: %s", delivery.id, error)
            await self.tell(delivery, Shown())
        else:
            await self.finish(delivery, Shown())

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        """Show it once, now or not at all, whatever the store says. For apologies; never raises CalanqueError."""
        try:
            await self._platforms[delivery.conversation.place.platform].deliver(delivery, shown)
        except CalanqueError as error:
            log.warning("delivery %s could not be told: %s", delivery.id, error)

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        """Show a delivery whose final text is stored; later, if the platform fails for now."""
        outgoing = Outgoing(delivery=delivery, state=DeliveryState.READY, shown=shown, created_at=self._clock.now())
        if not await self._tried(outgoing):
            await self._queue.put(outgoing)

    async def load(self) -> None:
        """At start, before anything is posted: take up what an earlier process left unshown."""
        for outgoing in await self._store.undelivered():
            if outgoing.delivery.conversation.place.platform in self._platforms:
                await self._queue.put(outgoing)

    async def run(self) -> None:
        """Until cancelled: try again what failed for now."""
        free = asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            while True:
                await free.acquire()
                task = group.create_task(self._until_shown(await self._queue.get()))
                task.add_done_callback(lambda _: free.release())

    async def show(self, delivery: Delivery, shown: Shown) -> Shown:
        """One call of the platform; what stands there is written down where messages came or went."""
        platform = self._platforms[delivery.conversation.place.platform]
        now_shown = await platform.deliver(delivery, shown)
        if [each.id for each in now_shown.messages] != [each.id for each in shown.messages]:
            await self._store.save_shown(delivery.id, now_shown)
        return now_shown

    async def typing(self, place: Place) -> None:
        await self._platforms[place.platform].typing(place)

    async def _until_shown(self, outgoing: Outgoing) -> None:
        pause = FIRST_PAUSE
        while not await self._tried(outgoing):
            if self._clock.now() - outgoing.created_at > GIVE_UP_AFTER:
                log.error("delivery %s could not be shown for a day; given up", outgoing.delivery.id)
                await self._closed(outgoing, outgoing.shown, DeliveryState.FAILED)
                return
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _tried(self, outgoing: Outgoing) -> bool:
        """Whether nothing is left to do."""
        platform = self._platforms[outgoing.delivery.conversation.place.platform]
        try:
            shown = await platform.deliver(outgoing.delivery, outgoing.shown)
        except PlatformUnavailable as error:
            self._counters.add("deliveries_postponed_total", platform=platform.name)
            log.warning("delivery %s postponed: %s", outgoing.delivery.id, error)
            return False
        except PlaceGone as error:
            log.info("delivery %s has no place any more: %s", outgoing.delivery.id, error)
            await self._closed(outgoing, outgoing.shown, DeliveryState.FAILED)
            return True
        await self._closed(outgoing, shown, DeliveryState.SENT)
        return True

    async def _closed(self, outgoing: Outgoing, shown: Shown, state: DeliveryState) -> None:
        self._counters.add("deliveries_total", outcome=state.value)
        try:
            await self._store.save_shown(outgoing.delivery.id, shown, state)
        except CalanqueError:
            log.exception("what became of delivery %s could not be written down", outgoing.delivery.id)

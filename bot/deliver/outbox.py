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
from dataclasses import replace
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
QUEUE = 10_000  # deliveries waiting to be shown; twice as many with those that wait to be lined up
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

    async def keep_typing(self, clock: Clock) -> None:
        """Until cancelled."""
        while True:
            await self._deliver.typing(self._conversation.place)
            await clock.sleep(TYPING_SECONDS)

    async def show_sign(self, clock: Clock, waiting: Delivery) -> None:
        """A sign that can be stopped, if nothing was shown for a while; typing may be slow itself."""
        await clock.sleep(SIGN_AFTER_SECONDS)
        if self._wanted is None:
            self.show(waiting)

    async def keep_showing(self, clock: Clock, pace: float) -> None:
        """Until cancelled. A platform that fails for now is left alone until there is something newer to show."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted
            assert wanted is not None
            # A call that is broken off may or may not have reached the platform: it is let end.
            await _to_the_end(self._deliver.watched(asyncio.create_task(self._shown(wanted))))
            await clock.sleep(pace)

    async def _shown(self, wanted: Delivery) -> None:
        try:
            self.shown = await self._deliver.show(wanted, self.shown)
        except CalanqueError as error:
            # The final text decides what becomes of the delivery; a view that fails is only late.
            log.info("showing a draft failed: %s: %s", type(error).__name__, error)
        except Exception:
            log.exception("showing a draft failed")


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
        self._queue: asyncio.Queue[tuple[Outgoing, float]] = asyncio.Queue(QUEUE)
        self._views: set[asyncio.Task[None]] = set()
        self._broken_off = False

    @asynccontextmanager
    async def draft(self, delivery: Delivery, shown: Shown) -> AsyncGenerator[Draft]:
        """The place types, then shows what the draft is told to show. Afterwards nothing is in flight."""
        draft = Draft(self, delivery, shown)
        pace = self._pace.get(delivery.conversation.place.platform, 1.0)
        tasks = [
            asyncio.create_task(draft.keep_typing(self._clock)),
            asyncio.create_task(draft.show_sign(self._clock, delivery)),
            asyncio.create_task(draft.keep_showing(self._clock, pace)),
        ]
        try:
            yield draft
        finally:
            for task in tasks:
                task.cancel()
            await _to_the_end(*tasks)
            for task in tasks:
                if not task.cancelled() and (error := task.exception()) is not None:
                    log.error("a draft could not be shown", exc_info=error)

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
        """Show it once, now or not at all, whatever the store says. For apologies; never raises."""
        try:
            await self.show(delivery, shown)
        except CalanqueError as error:
            log.warning("delivery %s could not be told: %s", delivery.id, error)
        except Exception:
            log.exception("delivery %s could not be told", delivery.id)

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        """Show a delivery whose final text is stored; later, if the platform fails for now."""
        outgoing = Outgoing(delivery=delivery, state=DeliveryState.READY, shown=shown, created_at=self._clock.now())
        if not await self._tried(outgoing):
            self._line_up(outgoing, pause=FIRST_PAUSE)

    async def load(self) -> None:
        """At start, before anything is posted: take up what an earlier process left unshown.

        A view that was left open and that no turn will go on with says something that is not true any more (a sign of
        waiting, half an answer): it is taken away.
        """
        for outgoing in await self._store.undelivered():
            if outgoing.delivery.conversation.place.platform in self._platforms:
                if outgoing.state is DeliveryState.OPEN:
                    gone = replace(outgoing.delivery, text="", lead="", actions=(), final=True)
                    outgoing = replace(outgoing, delivery=gone)  # noqa: PLW2901 - the same one, as it shall end
                self._line_up(outgoing, pause=0)

    async def run(self) -> None:
        """Until cancelled: try again what failed for now."""
        room, free = asyncio.Semaphore(QUEUE), asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            while True:
                await room.acquire()
                task = group.create_task(self._until_shown(*await self._queue.get(), free))
                task.add_done_callback(lambda _: room.release())

    async def show(self, delivery: Delivery, shown: Shown) -> Shown:
        """One call of the platform; what stands there is written down where messages came or went."""
        if self._broken_off:
            raise PlatformUnavailable("the program is ending")
        platform = self._platforms[delivery.conversation.place.platform]
        now_shown = await platform.deliver(delivery, shown)
        if [each.id for each in now_shown.messages] != [each.id for each in shown.messages]:
            try:
                await self._store.save_shown(delivery.id, now_shown)
            except CalanqueError as error:
                # It stands there all the same: the next call has to know.
                log.error("which messages show delivery %s could not be written down: %s", delivery.id, error)
        return now_shown

    def watched(self, view: asyncio.Task[None]) -> asyncio.Task[None]:
        """A view that is being shown, which `break_off` may have to end."""
        self._views.add(view)
        view.add_done_callback(self._views.discard)
        return view

    def break_off(self) -> None:
        """At the very end: views that are being shown are let go, and none is begun any more."""
        self._broken_off = True
        for view in list(self._views):
            view.cancel()

    async def typing(self, place: Place) -> None:
        await self._platforms[place.platform].typing(place)

    def _line_up(self, outgoing: Outgoing, *, pause: float) -> None:
        try:
            self._queue.put_nowait((outgoing, pause))
        except asyncio.QueueFull:
            log.error("%d deliveries wait; delivery %s waits for the next start", QUEUE, outgoing.delivery.id)

    async def _until_shown(self, outgoing: Outgoing, pause: float, free: asyncio.Semaphore) -> None:
        """`pause`: seconds before the first try."""
        while True:
            if pause:
                await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE) or FIRST_PAUSE
            async with free:
                if await self._over(outgoing):
                    return
            if self._clock.now() - outgoing.created_at > GIVE_UP_AFTER:
                log.error("delivery %s could not be shown for a day; given up", outgoing.delivery.id)
                await self._closed(outgoing, outgoing.shown, DeliveryState.FAILED)
                return

    async def _over(self, outgoing: Outgoing) -> bool:
        """Whether nothing is left to do. Words that were deleted while they waited are not shown any more."""
        try:
            wanted = await self._store.wanted(outgoing.delivery.id)
        except CalanqueError as error:
            log.warning("whether delivery %s is still wanted could not be read: %s", outgoing.delivery.id, error)
            return False
        if not wanted:
            log.info("delivery %s is not wanted any more", outgoing.delivery.id)
        return not wanted or await self._tried(outgoing)

    async def _tried(self, outgoing: Outgoing) -> bool:
        """Whether nothing is left to do."""
        platform = self._platforms[outgoing.delivery.conversation.place.platform]
        try:
            shown = await platform.deliver(outgoing.delivery, outgoing.shown)
        except PlaceGone as error:
            log.info("delivery %s has no place any more: %s", outgoing.delivery.id, error)
            await self._closed(outgoing, outgoing.shown, DeliveryState.FAILED)
            return True
        except CalanqueError as error:
            log.warning("delivery %s postponed: %s", outgoing.delivery.id, error)
        except Exception:
            # A defect met by one delivery must not take the others with it.
            log.exception("delivery %s postponed", outgoing.delivery.id)
        else:
            await self._closed(outgoing, shown, DeliveryState.SENT)
            return True
        self._counters.add("deliveries_postponed_total", platform=platform.name)
        return False

    async def _closed(self, outgoing: Outgoing, shown: Shown, state: DeliveryState) -> None:
        self._counters.add("deliveries_total", outcome=state.value)
        try:
            await self._store.save_shown(outgoing.delivery.id, shown, state)
        except CalanqueError:
            log.exception("what became of delivery %s could not be written down", outgoing.delivery.id)


async def _to_the_end(*tasks: asyncio.Task[None]) -> None:
    """Returns when all have ended, also when cancelled meanwhile; only then the cancellation goes on."""
    cancelled: asyncio.CancelledError | None = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled

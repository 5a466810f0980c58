"""The only way out: the outbox. A delivery is a row before it is on any screen.

A streamed answer is an early view of a row: `draft` keeps the place showing the latest text, one call in flight,
whatever was skipped meanwhile never sent. What is final is stored by the caller together with its turn and then
handed to `finish`; what cannot be shown now is tried again by `run`, with growing pauses, up to a limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from bot.deliver.backlog import FIRST_PAUSE, IDS, LONGEST_PAUSE, QUEUE, Backlog, Waiting
from bot.deliver.draft import Draft, to_the_end
from bot.deliver.standing import (
    OnRefused,
    ended_by,
    is_answer_to_a_press,
    is_blank,
    left,
    stands,
    taken_away,
    tells,
)
from bot.errors import CalanqueError, PlaceGone, PlatformUnavailable, ShownUnknown
from bot.ports import Clock, Counters, Platform, Store
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.digest import messages_of
from bot.talk.message import Place
from bot.talk.record import Outgoing

log = logging.getLogger(__name__)

LONGEST_ASKED = 3600.0  # seconds that a platform may ask us to wait
GIVE_UP_AFTER = timedelta(hours=24)
IN_FLIGHT = 100  # deliveries tried again beside each other
PAGE = 50  # deliveries of an earlier process read from the store at once
BEHIND = 10  # of these, tried beside each other: whoever asks now is not to wait behind them


class Deliver:
    """The outbox. `pace`: seconds between two edits of a draft, by platform; `silent`: those that show no early one;
    `refused`: told of a private delivery that found no way to its person, before it counts as over."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        *,
        pace: Mapping[str, float],
        clock: Clock,
        counters: Counters,
        silent: Collection[str] = (),
        refused: OnRefused | None = None,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._pace = pace
        self._silent = silent
        self._refused = refused
        self._clock = clock
        self._counters = counters
        self._backlog = Backlog()
        self._edited = Backlog()
        self._views: set[asyncio.Task[None]] = set()
        self._asked_to_wait: dict[str, float] = {}  # until when, by the monotonic clock
        self._broken_off = False

    @property
    def asked_to_wait(self) -> int:
        """How many deliveries are not tried now because their platform asked for that."""
        now = self._clock.monotonic()
        return sum(until > now for until in self._asked_to_wait.values())

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
            await to_the_end(*tasks)
            for task in tasks:
                if not task.cancelled() and (error := task.exception()) is not None:
                    log.error("a draft could not be shown", exc_info=error)

    async def post(self, delivery: Delivery) -> None:
        """A delivery that belongs to no turn: written down, then shown; only told where it cannot be written down."""
        try:
            await self._store.save_delivery(delivery, DeliveryState.READY, at=self._clock.now())
        except CalanqueError as error:
            log.error("delivery %s could not be written down: %s", delivery.id, error)
            if not delivery.told:  # whether what it tells of may still be told is not known
                await self.tell(delivery, Shown())
        else:
            await self.finish(delivery, Shown())

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        """Show it once, now or not at all, whatever the store says. For apologies; never raises.

        Where something stands there already, more may follow after the next start: no message of it is taken away.
        """
        try:
            await self._show(replace(delivery, final=delivery.final and not shown.messages), shown, mark=False)
        except CalanqueError as error:
            log.warning("delivery %s could not be told: %s", delivery.id, error)
        except Exception:
            log.exception("delivery %s could not be told", delivery.id)

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        """Show a delivery whose final text is stored; later, if the platform fails for now."""
        outgoing = Outgoing(delivery=delivery, state=DeliveryState.READY, shown=shown, created_at=self._clock.now())
        await self._first_try(outgoing)

    async def load(self) -> None:
        """At start, before anything is posted: note what an earlier process left unshown."""
        self._backlog.add(await self._store.backlog(limit=IDS + 1))

    def edited(self, ids: Collection[str]) -> None:
        """Words went that these tell of: what stands there of them is to be brought to what is kept, by `run`."""
        self._edited.add(ids)

    async def run(self) -> None:
        """Until cancelled: show what was left, oldest first, and try again what failed for now."""
        room, free = asyncio.Semaphore(QUEUE), asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._catch_up(self._backlog, left))
            group.create_task(self._catch_up(self._edited, lambda outgoing: outgoing))
            while True:
                await room.acquire()
                task = group.create_task(self._until_shown(await self._backlog.failed(), free))
                task.add_done_callback(lambda _: room.release())

    async def _catch_up(self, backlog: Backlog, known: Callable[[Outgoing], Outgoing]) -> None:
        """Until cancelled: what waits in the store. `known`: what is known of what stands there of it."""
        free = asyncio.Semaphore(BEHIND)

        async def tried(outgoing: Outgoing) -> None:
            async with free:
                await self._first_try(known(outgoing))

        while True:
            async with asyncio.TaskGroup() as group:
                for outgoing in await backlog.found(self._store, PAGE, clock=self._clock):
                    if outgoing.delivery.conversation.place.platform in self._platforms:
                        group.create_task(tried(outgoing))

    async def show(self, delivery: Delivery, shown: Shown) -> Shown:
        """One call of the platform; what stands there is written down where messages came or went.

        Raises what the platform raises; `stands` tells then what stands there.
        """
        return await self._show(delivery, shown, mark=True)

    async def _show(self, delivery: Delivery, shown: Shown, *, mark: bool) -> Shown:
        if self._broken_off:
            raise PlatformUnavailable("the program is ending")
        marked = mark and await self._marked(delivery, shown)
        try:
            now = await self._platforms[delivery.conversation.place.platform].deliver(delivery, shown)
        except CalanqueError as error:
            await self._keep(delivery, shown, stands(error, shown), marked=marked and tells(error))
            raise
        await self._keep(delivery, shown, now, marked=marked)
        return now

    async def _marked(self, delivery: Delivery, shown: Shown) -> bool:
        """Before a delivery's first send: from now on it may have been shown. Whether that is written down.

        What bears no such mark was certainly never sent, so that a later process need not look for it.
        """
        silent = not delivery.final and delivery.conversation.place.platform in self._silent
        if shown.messages or shown.since is not None or silent or is_blank(delivery):
            return False
        try:
            await self._store.save_shown(delivery.id, replace(shown, since=self._clock.now()))
        except CalanqueError as error:
            log.error("that delivery %s is about to be shown could not be written down: %s", delivery.id, error)
            return False
        return True

    async def _keep(self, delivery: Delivery, before: Shown, now: Shown, *, marked: bool) -> None:
        """`marked`: it was written down that it may have been sent; that ends where the platform says it was not."""
        unsent = marked and now == before and not is_answer_to_a_press(delivery)
        if now.known == before.known and not unsent:
            return
        try:
            await self._store.save_shown(delivery.id, now)
        except CalanqueError as error:
            # It stands there all the same: the next call has to know.
            log.error("which messages show delivery %s could not be written down: %s", delivery.id, error)

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

    async def _first_try(self, outgoing: Outgoing) -> None:
        waiting = Waiting(outgoing=outgoing, pause=FIRST_PAUSE, begun=self._clock.monotonic())
        telling = messages_of(outgoing.delivery.told)  # of messages that may have gone since it was made
        over = await (self._over(waiting) if telling else self._tried(waiting))
        if not over:
            self._backlog.put(waiting)

    async def _until_shown(self, waiting: Waiting, free: asyncio.Semaphore) -> None:
        while True:
            await self._clock.sleep(waiting.pause)
            waiting.pause = min(waiting.pause * 2, LONGEST_PAUSE)
            async with free:
                if await self._over(waiting):
                    return
            outgoing = waiting.outgoing
            if self._clock.monotonic() - waiting.begun > GIVE_UP_AFTER.total_seconds():
                log.error("delivery %s could not be shown for a day; given up", outgoing.delivery.id)
                await self._noted(outgoing, outgoing.shown, DeliveryState.FAILED)
                return

    async def _over(self, waiting: Waiting) -> bool:
        """Whether nothing is left to do. Words that were deleted while they waited are not shown any more, and what
        stands there of them is taken away."""
        delivery = waiting.outgoing.delivery
        try:
            kept = await self._store.undelivered([delivery.id])
        except CalanqueError as error:
            log.warning("whether delivery %s is still wanted could not be read: %s", delivery.id, error)
            return False
        if not kept:
            log.info("delivery %s is not wanted any more", delivery.id)
            return True
        if kept[0].state is DeliveryState.OPEN:
            waiting.outgoing = replace(waiting.outgoing, delivery=taken_away(delivery))
        elif delivery.told:
            now = kept[0].delivery
            waiting.outgoing = replace(waiting.outgoing, delivery=replace(now, told=now.told or delivery.told))
        return await self._tried(waiting)

    async def _tried(self, waiting: Waiting) -> bool:
        """Whether nothing is left to do."""
        outgoing = waiting.outgoing
        delivery, platform = outgoing.delivery, self._platforms[outgoing.delivery.conversation.place.platform]
        self._asked_to_wait.pop(delivery.id, None)
        marked = await self._marked(delivery, outgoing.shown)
        try:
            shown = await platform.deliver(delivery, outgoing.shown)
        except (PlaceGone, ShownUnknown) as error:
            state = await ended_by(error, delivery, self._refused)
            return await self._noted(outgoing, stands(error, outgoing.shown), state) is False
        except CalanqueError as error:
            log.warning("delivery %s postponed: %s", delivery.id, error)
            shown = stands(error, outgoing.shown)
            await self._keep(delivery, outgoing.shown, shown, marked=marked and tells(error))
            waiting.outgoing = replace(outgoing, shown=shown)
            if isinstance(error, PlatformUnavailable) and error.retry_after is not None:
                waiting.pause = max(waiting.pause, min(error.retry_after, LONGEST_ASKED))
                self._asked_to_wait[delivery.id] = self._clock.monotonic() + waiting.pause
        except Exception:
            # A defect met by one delivery must not take the others with it.
            log.exception("delivery %s postponed", delivery.id)
        else:
            waiting.outgoing = replace(outgoing, shown=shown)  # also where that cannot be written down
            again = await self._noted(outgoing, shown, DeliveryState.SENT)
            if again is False:
                return True
            if again:  # the platform is well: nobody waits long for what changed meanwhile
                waiting.pause = FIRST_PAUSE
        self._counters.add("deliveries_postponed_total", platform=platform.name)
        return False

    async def _noted(self, outgoing: Outgoing, shown: Shown, state: DeliveryState) -> bool | None:
        """Whether it is to be shown once more, as it is by now; None: it could not be written down."""
        try:
            again = await self._store.save_shown(outgoing.delivery.id, shown, state)
        except CalanqueError as error:
            log.error("what became of delivery %s could not be written down: %s", outgoing.delivery.id, error)
            return None
        if not again:
            self._counters.add("deliveries_total", outcome=state.value)
        return again

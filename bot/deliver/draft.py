"""The view of a delivery that is still being written: its place shows the latest text, one call in flight."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from bot.deliver.standing import stands
from bot.errors import CalanqueError, ShownUnknown
from bot.ports import Clock
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import Place

log = logging.getLogger(__name__)

SIGN_AFTER_SECONDS = 2.0  # typing alone is enough of an answer this long
TYPING_SECONDS = 8.0  # Discord shows typing for 10 seconds


class Shows(Protocol):
    """What a draft needs of the outbox."""

    async def show(self, delivery: Delivery, shown: Shown) -> Shown: ...
    async def typing(self, place: Place) -> None: ...
    def watched(self, view: asyncio.Task[None]) -> asyncio.Task[None]: ...


class Draft:
    """The view of a delivery that is still being written."""

    def __init__(self, outbox: Shows, delivery: Delivery, shown: Shown) -> None:
        self._outbox = outbox
        self._wanted: Delivery | None = None
        self._changed = asyncio.Event()
        self._conversation = delivery.conversation
        self._blind = False
        self.shown = shown

    def show(self, delivery: Delivery) -> None:
        """Bring the place to show this, soon; an earlier wish that was not yet sent is forgotten."""
        self._wanted = delivery
        self._changed.set()

    async def keep_typing(self, clock: Clock) -> None:
        """Until cancelled. Whoever is answered privately is the only one who knows."""
        while self._conversation.only is None:
            await self._outbox.typing(self._conversation.place)
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
            if not self._blind:
                # A call that is broken off may or may not have reached the platform: it is let end.
                await to_the_end(self._outbox.watched(asyncio.create_task(self._shown(wanted))))
            await clock.sleep(pace)

    async def _shown(self, wanted: Delivery) -> None:
        try:
            self.shown = await self._outbox.show(wanted, self.shown)
        except CalanqueError as error:
            # The final text decides what becomes of the delivery; a view that fails is only late.
            self.shown = stands(error, self.shown)
            self._blind = isinstance(error, ShownUnknown)
            log.info("showing a draft failed: %s: %s", type(error).__name__, error)
        except Exception:
            log.exception("showing a draft failed")


async def to_the_end(*tasks: asyncio.Task[None]) -> None:
    """Returns when all have ended, also when cancelled meanwhile; only then the cancellation goes on."""
    cancelled: asyncio.CancelledError | None = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled

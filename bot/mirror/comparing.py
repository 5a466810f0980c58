"""After we were away: looks up what has become of threads meanwhile, and has it told like any change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from itertools import islice

from bot.errors import CalanqueError, PlaceGone
from bot.mirror.book import Book
from bot.ports import Clock
from bot.ports.mirrors import MirrorStore
from bot.ports.shapes import Shapes
from bot.talk.event import CaughtUp
from bot.talk.message import Place
from bot.talk.mirror import Missed
from bot.talk.shape import Shape

TOLD = 50
"""Threads that are compared in one transaction."""
PAUSE = 15.0
"""Seconds before a platform is asked again that could not say."""

log = logging.getLogger(__name__)


class Comparing:
    """`shapes` by platform. `look`: told when something may be owed to a counterpart."""

    def __init__(
        self, store: MirrorStore, book: Book, *, shapes: Mapping[str, Shapes], look: Callable[[], None], clock: Clock
    ) -> None:
        self._store = store
        self._book = book
        self._shapes = shapes
        self._look = look
        self._clock = clock
        self._behind: set[str] = set()  # platforms
        self._news = asyncio.Event()

    async def caught_up(self, event: CaughtUp) -> None:
        """Raises DatabaseUnusable where it is to be told again: when this returns, nothing of it is forgotten."""
        if event.platform not in self._shapes or not await self._book.all():
            return
        if event.since is not None:
            await self._store.miss_threads(event.platform, since=event.since)
        self._behind.add(event.platform)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            failed = {each for each in sorted(self._behind) if not await self._compared(each)}
            if failed:
                await self._clock.sleep(PAUSE)
                self._behind |= failed
                self._news.set()

    async def _compared(self, platform: str) -> bool:
        """Whether it was done, or will not be."""
        self._behind.discard(platform)
        try:
            missed = await self._store.missed_threads(platform)
            sides = [side.place for link in await self._book.all() for side in link.sides]
            done = [await self._told(each, missed) for each in sides if each.platform == platform]
            if missed is not None and all(done):
                await self._store.found_threads(platform, missed)
            return all(done)
        except CalanqueError as error:
            log.warning("what has become of threads meanwhile could not be looked up yet: %s", error)
            return False
        except Exception:
            log.exception("what has become of threads meanwhile could not be looked up")
            return True

    async def _told(self, channel: Place, missed: Missed | None) -> bool:
        """Whether all was told that became of its threads."""
        shapes = self._shapes[channel.platform]
        await self._tell(shapes, dict.fromkeys(shapes.active(channel)))
        if missed is None:
            return True
        try:
            await self._tell(shapes, await shapes.archived(channel, since=missed.since))
        except PlaceGone as error:
            log.info("threads of a linked channel cannot be looked through: %s", error)
        except CalanqueError as error:
            log.warning("threads of a linked channel could not be looked through yet: %s", error)
            return False
        return True

    async def _tell(self, shapes: Shapes, found: Mapping[Place, Shape | None]) -> None:
        """As each is now where that is known, else as it was found. Nothing is waited for in between: what happens
        after that is told after it."""
        rest = iter(found.items())
        while some := list(islice(rest, TOLD)):
            now = {place: shape for place, then in some if (shape := shapes.shape(place) or then) is not None}
            if await self._store.tell_threads(now, at=self._clock.now()):
                self._look()

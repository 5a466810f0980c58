"""Whether a channel takes what is carried over into it, and what becomes of what it has refused."""

from __future__ import annotations

import logging

from bot.mirror.audience import Readers
from bot.mirror.book import Book
from bot.mirror.ways import Ways
from bot.ports import Clock
from bot.ports.mirrors import MirrorStore
from bot.talk.delivery import DeliveryState
from bot.talk.ground import Standing
from bot.talk.mirror import Copy, Link, Side

PAUSE = 15.0
"""Seconds before a channel is looked at again."""
LONGEST_PAUSE = 600.0
"""Of the pauses after refusals, which double: who asks too often for what is not allowed is shut out wholly."""
BARRED_SECONDS = 24 * 3600.0
"""So long copies wait for a channel in which we may not write; then its link ends."""

log = logging.getLogger(__name__)


class Barring:
    def __init__(self, store: MirrorStore, book: Book, readers: Readers, ways: Ways, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._readers = readers
        self._ways = ways
        self._clock = clock
        # By target, of which there are as many as linked channels; by the monotonic clock.
        self._barred_since: dict[str, float] = {}
        self._refused_since: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    async def is_open(self, link: Link, side: Side) -> bool:
        """Whether we can write there; else after a wait it is to be looked at again. The other channels go on. What is
        barred for long ends the link."""
        key, standing = side.place.key, await self._readers.standing(side)
        if standing is Standing.OPEN:
            self._barred_since.pop(key, None)
            return True
        if standing is Standing.GONE:
            await self._book.leave_gone([side.place])
        elif standing is Standing.BARRED and self._is_over(self._barred_since, key):
            await self._book.end(link, "mirror-ended-barred")
        else:
            await self._clock.sleep(PAUSE)
        return False

    def sent(self, copy: Copy) -> None:
        """It was taken."""
        self._refused_since.pop(copy.target.key, None)
        self._pauses.pop(copy.target.key, None)

    async def refused(self, copy: Copy, *, revision: int) -> bool:
        """We may not write there, though we might when that was looked at, and Discord's word comes before that of who
        tells us of rights. After a wait it is to be sent again; or it is given up: whether it is."""
        key = copy.target.key
        pause = self._pauses.get(key, PAUSE)
        self._pauses[key] = min(pause * 2, LONGEST_PAUSE)
        await self._clock.sleep(pause)
        link = await self._book.known(copy.link, copy.channel)
        side = None if link is None else link.side(key)
        if self._is_over(self._refused_since, key):
            if link is not None:
                await self._book.end(link, "mirror-ended-barred")
        elif copy.gone or (side is not None and await self._may_be_taken(copy, side)):
            await self._store.take_back_copy(copy)
            return False
        return await self._store.settle_copy(copy, revision=revision, given_up=True) is DeliveryState.BARRED

    async def _may_be_taken(self, copy: Copy, side: Side) -> bool:
        """Another time. Where only the thread does not take it, since it cannot begin or is locked, nothing else waits
        for that."""
        standing = await self._readers.standing(side)
        if standing is not Standing.OPEN or copy.within is None or (copy.begins and side.forum):
            return standing is not Standing.GONE
        way = await self._ways.of(copy, side)
        if isinstance(way, Copy) or way.thread is None or not way.opened:
            return False
        return await self._readers.standing(Side(place=way.thread, language="")) in (Standing.OPEN, Standing.UNKNOWN)

    def _is_over(self, since: dict[str, float], key: str) -> bool:
        now = self._clock.monotonic()
        if now - since.setdefault(key, now) < BARRED_SECONDS:
            return False
        del since[key]
        return True

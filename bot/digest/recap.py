"""What the model can be told of a while, without another request to the engine: for one asker and one audience."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.digest.asked import JUST_NOW, OTHERWISE
from bot.ports import Clock
from bot.ports.digests import DigestStore
from bot.ports.moments import Moments
from bot.ports.recap import Recapped
from bot.ports.rights import Rights
from bot.talk.digest import Digest, Order, Period
from bot.talk.message import Message, Place, PlaceKind
from bot.talk.reach import Reach

EVERYWHERE, HERE = "everywhere", "here"
NOT_THERE = "there is no such channel of which I may tell here; leave `where` empty for this one"
"""The same for what is not there and for what may not be read."""
FURTHEST = timedelta(days=31)
"""So far back at most: the model is told a handful of points."""
READ = 2000
"""Messages, at most. Where more was said it begins later, and says so: somebody waits for an answer."""
HALVINGS = 24
"""Times that the period is cut in half to hold no more than that: from a month to seconds."""


class Said(DigestStore, Moments, Protocol):
    """What there is to be told of."""


class AskedRecap:
    """Implements `bot.ports.recap.Recap`. `gathers`: the digest of an order, without the engine."""

    def __init__(
        self,
        said: Said,
        rights: Rights,
        asked: Message,
        *,
        gathers: Callable[[Order], Awaitable[Digest]],
        clock: Clock,
    ) -> None:
        self._said = said
        self._rights = rights
        self._asked = asked
        self._gathers = gathers
        self._clock = clock

    async def catch_up(self, *, where: str = "", since: datetime | None = None) -> Recapped:
        reach = await self._rights.reach(self._asked.author, self._asked.conversation)
        places = self._places(where.strip(), reach)
        # What is asked is no part of what was missed.
        until = min(self._clock.now(), self._asked.sent_at)
        period = Period(since=max(since or await self._last(until), until - FURTHEST), until=until)
        if period.since >= period.until:
            raise ValueError("since must be past")
        threads = all(place.kind is PlaceKind.THREAD for place in places)
        order = Order(
            platform=self._asked.place.platform,
            rooms=frozenset(place.room for place in places) if places else reach.here,
            places=frozenset(place.key for place in places) if threads else frozenset(),
            period=period,
        )
        digest = await self._gathers(await self._bounded(order))
        links = tuple(self._rights.link(point.sources[0].place, point.sources[0].message) for point in digest.points)
        return Recapped(digest=digest, links=links, privately=reach.more_alone)

    async def _bounded(self, order: Order) -> Order:
        """The end of its period, where it holds too much."""
        for _ in range(HALVINGS):
            if sum(each.messages for each in await self._said.spoken(order)) <= READ:
                break
            period = order.period
            order = replace(order, period=replace(period, since=period.since + (period.until - period.since) / 2))
        return order

    async def _last(self, until: datetime) -> datetime:
        asked = self._asked
        last = await self._said.last_said(asked.author.key, asked.place, before=until - JUST_NOW)
        return last or until - OTHERWISE

    def _places(self, where: str, reach: Reach) -> tuple[Place, ...]:
        """None for everywhere. Raises ValueError where there is none that may be read."""
        here = self._asked.place
        if where.casefold() == EVERYWHERE:
            return ()
        meant = [here] if where.casefold() in ("", HERE) else self._rights.named(where, here)
        places = tuple(place for place in meant if place.platform == here.platform and reach.covers(place))
        if not places:
            raise ValueError(NOT_THERE)
        return places

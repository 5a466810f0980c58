"""The links that there are, in memory as in the store, and how one ends: said in all its channels."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.languages.phrases import Phrases
from bot.mirror.audience import Readers
from bot.mirror.words import plain
from bot.ports import Clock, Counters, Deliveries
from bot.ports.mirrors import MirrorStore
from bot.talk.delivery import Delivery, Shown
from bot.talk.ground import Standing
from bot.talk.message import Conversation, Place
from bot.talk.mirror import Link, Side, sides_of

log = logging.getLogger(__name__)


class Book:
    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        readers: Readers,
        *,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._readers = readers
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._links: dict[str, Link] | None = None
        self._changes = 0  # of the links in the store, so far

    async def of(self, place: Place) -> Link | None:
        """The link of a channel. Raises DatabaseUnusable where the links were never read."""
        if self._links is None:
            await self.load()
        return (self._links or {}).get(place.key)

    async def over(self, place: Place) -> Link | None:
        """The link of the channel in which, or in an open thread of which, something is said."""
        if place.channel is None:
            return await self.of(place)
        return await self.of(place.channel) if place.open else None

    async def known(self, link_id: str, place: Place) -> Link | None:
        """The same if it is that one."""
        link = await self.of(place)
        return link if link is not None and link.id == link_id else None

    async def all(self) -> tuple[Link, ...]:
        if self._links is None:
            await self.load()
        return tuple({link.id: link for link in (self._links or {}).values()}.values())

    async def load(self) -> None:
        """A link of which a single side is left is over."""
        before, found = self._changes, await self._store.links()
        while before != self._changes:  # what was read may be older than what we know
            before, found = self._changes, await self._store.links()
        self._links = sides_of(found)
        for link in found:
            if len(link.sides) < 2:
                await self.end(link, "mirror-ended-gone")

    async def leave(self, place: Place) -> None:
        """The channel is gone: the others go on without it."""
        await self._store.drop_side(place)
        self._changes += 1
        await self.load()

    async def leave_gone(self, places: Sequence[Place]) -> None:
        """Those of these channels that are gone."""
        for place in places:
            if await self._readers.standing(Side(place=place, language="")) is Standing.GONE:
                await self.leave(place)

    async def end(self, link: Link, key: str) -> bool:
        """`key`: of the sentence that says why. Whether it was active."""
        return await self._over(link, lambda phrases, _: phrases.say(key))

    async def end_by(self, link: Link, name: str) -> bool:
        """Somebody of this name has ended it."""
        return await self._over(link, lambda phrases, _: phrases.say("mirror-ended-by", name=plain(name)))

    async def confirm(self, link: Link, *, most: int) -> bool:
        """As `MirrorStore.confirm_link`; people are told in every channel what stands there from now on."""

        def told(phrases: Phrases, place: Place) -> str:
            others = ", ".join(f"#{plain(self._readers.named(each.place).name)}" for each in link.others(place.key))
            return phrases.say("mirror-begun", places=others)

        deliveries = self._deliveries_of(link, "begun", told)
        if not await self._store.confirm_link(link, most=most, told=deliveries, at=self._clock.now()):
            return False
        self._changes += 1
        await self.load()
        await self._tell(deliveries)
        return True

    async def _over(self, link: Link, says: Callable[[Phrases, Place], str]) -> bool:
        deliveries = self._deliveries_of(link, "ended", says)
        was = await self._store.end_link(link.id, told=deliveries, at=self._clock.now())
        self._changes += 1
        if self._links is not None:
            self._links = {key: each for key, each in self._links.items() if each.id != link.id}
        if was:
            self._counters.add("mirror_links_ended_total")
            await self._tell(deliveries)
        return was

    def _deliveries_of(self, link: Link, what: str, says: Callable[[Phrases, Place], str]) -> list[Delivery]:
        return [
            Delivery(
                id=f"mirror-{what}-{link.id}-{side.place.id}",
                conversation=Conversation(place=side.place),
                text=says(self._phrases.to(side.language), side.place),
                quiet=True,
            )
            for side in link.sides
            if not side.forum  # nothing is said in a forum itself
        ]

    async def _tell(self, deliveries: list[Delivery]) -> None:
        for each in deliveries:
            await self._deliveries.finish(each, Shown())

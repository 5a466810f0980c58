"""What a digest tells leaves only where everyone who reads it there may still read what it was made of."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from bot.errors import PlatformUnavailable
from bot.ports import Hear, Platform
from bot.ports.rights import Rights, seen_by
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import rooms_of, text_of, without
from bot.talk.message import Attachment, Place


class Covered:
    """A platform that is asked anew, before each send and each edit, who may read what. `rights`: its own; None where
    nobody knows, so that nothing may be told."""

    def __init__(self, platform: Platform, rights: Rights | None) -> None:
        self._platform = platform
        self._rights = rights

    @property
    def name(self) -> str:
        return self._platform.name

    async def run(self, hear: Hear) -> None:
        await self._platform.run(hear)

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        """Also raises PlatformUnavailable where it cannot be found out now who may read what."""
        rooms = rooms_of(delivery.told)
        if rooms:
            open_now, confirmed = await self._open(rooms, delivery), self._confirmed(delivery)
            if open_now is None or confirmed is None:
                unknown = PlatformUnavailable("who may read what a digest was made of cannot be found out now")
                unknown.shown = shown
                raise unknown
            if hidden := rooms - open_now - confirmed:
                delivery = _less(delivery, hidden)
        return await self._platform.deliver(delivery, shown)

    async def typing(self, place: Place) -> None:
        await self._platform.typing(place)

    def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        return self._platform.fetch(attachment)

    def _confirmed(self, delivery: Delivery) -> frozenset[str] | None:
        """The rooms of which moderators have said that they may be read there, and who reads the two is still the same;
        None where that cannot be found out now."""
        rights, place = self._rights, delivery.conversation.place
        if rights is None:
            return frozenset()
        target, found = place.channel or place, set[str]()
        pairs = [(room, each.seen) for each in delivery.told if each.seen for room in each.rooms]
        for room, seen in pairs:
            source = Place(platform=place.platform, id=room.partition(":")[2], guild=place.guild)
            now = seen_by(rights, source, target)
            if not now:
                return None
            found.update({room} if now == seen else ())
        return frozenset(found)

    async def _open(self, rooms: frozenset[str], delivery: Delivery) -> frozenset[str] | None:
        return frozenset() if self._rights is None else await self._rights.open_to(rooms, delivery.conversation)


def _less(delivery: Delivery, hidden: frozenset[str]) -> Delivery:
    """Without what these rooms gave; nothing where no point is left."""
    left = without(delivery.told, rooms=hidden)
    if not any(each.messages for each in left):
        return replace(delivery, text="", lead="", actions=(), told=())
    return replace(delivery, text=text_of(left), told=left)

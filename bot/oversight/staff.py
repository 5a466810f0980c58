"""Who may see what people think of answers: staff and moderators who can read the place, as of now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.ports.rights import Rights, link_of
from bot.ports.support import KnownChannels, is_staff
from bot.talk.message import Place


class Staff:
    """`rights` by platform."""

    def __init__(self, channels: KnownChannels, rights: Mapping[str, Rights]) -> None:
        self._channels = channels
        self._rights = rights

    async def reads(self, person: str, place: Place) -> bool:
        """Whether the person (as `Person.key`) can read the place; of a platform without rights nobody can."""
        rights = self._rights.get(place.platform)
        return rights is not None and await rights.may_read(person, place)

    async def oversees(self, person: str, place: Place) -> bool:
        """Raises DatabaseUnusable."""
        rights = self._rights.get(place.platform)
        if rights is None or not await rights.may_read(person, place):
            return False
        return await is_staff(rights, await self._channels.support_channel(place), person, place)

    async def overseen(self, person: str, places: Iterable[Place]) -> frozenset[str]:
        """The keys of those of these places that the person oversees."""
        return frozenset([each.key for each in places if await self.oversees(person, each)])

    def link(self, place: Place, message: str) -> str:
        return link_of(self._rights, place, message)

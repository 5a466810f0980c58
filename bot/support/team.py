"""Who is staff of a support channel, and whether they may be told of a question there; decided live, and closed where
it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from bot.ports.rights import Rights, link_of
from bot.ports.support import is_staff
from bot.talk.ground import Standing
from bot.talk.message import Conversation, Place
from bot.talk.support import SupportChannel


class Within(Enum):
    """Whether the notes to staff can hold what a place says. YES: we can write them, and whoever reads them may read
    the place. UNKNOWN: the platform is away."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()


class Team:
    """`rights`: who may what, by platform."""

    def __init__(self, rights: Mapping[str, Rights]) -> None:
        self._rights = rights

    async def includes(self, person: str, place: Place, channel: SupportChannel | None) -> bool:
        """Whether the person (as `Person.key`) is staff there, or a moderator, as of now."""
        rights = self._rights.get(place.platform)
        if rights is None or not await rights.may_read(person, place):
            return False
        return await is_staff(rights, channel, person, place)

    async def within(self, channel: SupportChannel, place: Place) -> Within:
        notes, rights = channel.notes, self._rights.get(place.platform)
        if notes is None or rights is None:
            return Within.NO
        standing = await rights.standing(notes)
        if standing is Standing.UNKNOWN:
            return Within.UNKNOWN
        if standing is not Standing.OPEN:
            return Within.NO
        readable = await rights.open_to({place.room}, Conversation(place=notes))
        if readable is None:
            return Within.UNKNOWN
        return Within.YES if place.room in readable else Within.NO

    async def standing(self, place: Place) -> Standing:
        """Whether we can write there."""
        rights = self._rights.get(place.platform)
        return Standing.UNKNOWN if rights is None else await rights.standing(place)

    def link(self, place: Place, message: str) -> str:
        return link_of(self._rights, place, message)

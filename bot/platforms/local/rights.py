"""Who may read what on the page: everyone who can open it reads its channels, and nobody else's own conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import quote

from bot.errors import CalanqueError
from bot.platforms.local.people import PLATFORM, direct_place
from bot.platforms.local.people import may_read as may_open
from bot.ports import Views
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place, PlaceKind
from bot.talk.reach import NOWHERE, Reach

EVERYONE, ALONE = "everyone", "alone"
"""The audiences that there are. Neither ever grows: whoever opens the page could have done so before."""
FOUND = 10
"""Places of one name, at most."""


class LocalRights:
    """Implements `bot.ports.rights.Rights`. The page has no accounts, roles or moderators."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._places: tuple[Place, ...] = ()

    async def reach(self, asker: Person, conversation: Conversation) -> Reach:
        place = conversation.place
        if place.platform != PLATFORM or asker.platform != PLATFORM or not may_open(place, asker):
            return NOWHERE
        try:
            self._places = await self._views.places(PLATFORM)
        except CalanqueError:  # whoever asks for something next is told of it
            return NOWHERE
        shared = _rooms(each for each in self._places if each.kind is not PlaceKind.DIRECT)
        alone = shared | {direct_place(asker).room}
        if place.kind is PlaceKind.DIRECT:
            return Reach(here=alone, alone=alone)
        if conversation.only is not None:
            return Reach(here=alone if conversation.only == asker.key else frozenset(), alone=alone)
        return Reach(here=shared | {place.room}, alone=alone | {place.room})

    async def may_read(self, person: str, place: Place) -> bool:
        platform, _, ident = person.partition(":")
        return platform == place.platform == PLATFORM and may_open(
            place, Person(platform=PLATFORM, id=ident, name=ident)
        )

    async def moderates(self, person: str, place: Place) -> bool:
        """Their own conversation, and the channels, as everyone does: whoever opened the page runs it."""
        return await self.may_read(person, place)

    async def governs(self, person: str, place: Place) -> bool:
        return await self.may_read(person, place)

    async def may_poll(self, person: str, place: Place) -> bool:
        return await self.may_read(person, place)

    async def roles(self, person: str, place: Place) -> frozenset[str]:
        return frozenset()

    def named(self, words: str, place: Place) -> Collection[Place]:
        wanted = words.strip().lstrip("#").casefold()
        shared = (each for each in self._places if each.kind is not PlaceKind.DIRECT)
        return [each for each in shared if wanted and wanted in (each.id.casefold(), each.name.casefold())][:FOUND]

    async def open_to(self, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
        """All channels, and what one person reads alone."""
        place, own = conversation.place, conversation.only
        if place.platform != PLATFORM:
            return frozenset()
        try:
            self._places = await self._views.places(PLATFORM)
        except CalanqueError:
            return None
        readable = _rooms(each for each in self._places if each.kind is not PlaceKind.DIRECT) | {place.room}
        if own is not None:
            readable |= {self.alone(own, place).place.room}
        return readable & frozenset(rooms)

    async def grounds(self, words: str, place: Place) -> Collection[Ground]:
        """Channels: there is nothing else."""
        try:
            self._places = await self._views.places(PLATFORM)
        except CalanqueError:  # whoever asks for something next is told of it
            return ()
        return [Ground(place=each) for each in self.named(words, place)]

    def within(self, ground: Ground) -> Collection[Place]:
        """Channels stay."""
        return (ground.place,) if ground.place.platform == PLATFORM else ()

    async def standing(self, place: Place, *, posts: bool = False) -> Standing:
        return Standing.OPEN if place.platform == PLATFORM else Standing.GONE

    def alone(self, person: str, place: Place) -> Conversation:
        """Their own conversation; what it is called is not known here, and stays as it is."""
        ident = person.partition(":")[2]
        return Conversation(place=direct_place(Person(platform=PLATFORM, id=ident, name="")), only=person)

    @property
    def heard(self) -> bool:
        """Nobody can write there while we are away."""
        return True

    def link(self, place: Place, message: str) -> str:
        """An address on the page itself: its script goes there."""
        return f"/#{quote(place.id, safe='')}/{quote(message, safe='')}"

    def audience(self, conversation: Conversation) -> str:
        return ALONE if conversation.alone else EVERYONE


def _rooms(places: Iterable[Place]) -> frozenset[str]:
    return frozenset(each.room for each in places)

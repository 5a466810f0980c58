"""Who may read what, as a test says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.reach import Reach


@dataclass(slots=True)
class FakeRights:
    """`readers`: by `Place.room`, the keys of all people who can read it; a place that is not named nobody can read.

    The audience of a place are its readers, that of a private conversation is its one person.
    `poll_less`: who may not post polls. `categories`: the places in each, by name. `barred` and `gone`: ids of places
    where we may not write, or that are there no more.
    `forums`: ids of those that are. `away`: nothing can be found out. `unknown`: the server
    has not been told of yet; what is `gone` may only look so. `unreachable`: people of whom nothing can be found out.
    `governors`: who may manage the whole server.
    """

    readers: Mapping[str, Collection[str]]
    moderators: Collection[str] = ()
    of_role: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    places: Collection[Place] = ()
    poll_less: Collection[str] = ()
    categories: Mapping[str, Collection[Place]] = field(default_factory=dict[str, Collection[Place]])
    forums: Collection[str] = ()
    barred: Collection[str] = ()
    gone: Collection[str] = ()
    away: bool = False
    unknown: bool = False
    unreachable: Collection[str] = ()
    heard: bool = True
    governors: Collection[str] = ()

    async def reach(self, asker: Person, conversation: Conversation) -> Reach:
        alone = frozenset(room for room, readers in self.readers.items() if asker.key in readers)
        if conversation.only is not None:
            return Reach(here=alone if conversation.only == asker.key else frozenset(), alone=alone)
        audience = set(self.readers.get(conversation.place.room, ()))
        here = frozenset(room for room in alone if audience and audience <= set(self.readers[room]))
        return Reach(here=here, alone=alone)

    async def may_read(self, person: str, place: Place) -> bool:
        return person in self.readers.get(place.room, ())

    async def moderates(self, person: str, place: Place) -> bool:
        return person in self.moderators

    async def governs(self, person: str, place: Place) -> bool:
        return person in self.governors

    async def may_poll(self, person: str, place: Place) -> bool:
        return person not in self.poll_less and await self.may_read(person, place)

    async def roles(self, person: str, place: Place) -> frozenset[str]:
        return frozenset(role for role, people in self.of_role.items() if person in people)

    def named(self, words: str, place: Place) -> Collection[Place]:
        wanted = words.lstrip("#").casefold()
        return [each for each in self.places if wanted in {each.id, each.name.casefold()}]

    async def open_to(self, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
        if self.away or conversation.only in self.unreachable:
            return None
        only, room = conversation.only, conversation.place.room
        audience = set(self.readers.get(room, ())) if only is None else {only}
        return frozenset(each for each in rooms if audience and audience <= set(self.readers.get(each, ())))

    async def grounds(self, words: str, place: Place) -> Collection[Ground]:
        wanted = words.lstrip("#").casefold()
        found = [
            Ground(place=each, kind=GroundKind.FORUM if each.id in self.forums else GroundKind.CHANNEL)
            for each in self.named(words, place)
        ]
        for name in self.categories:
            if wanted == name.casefold():
                named = Place(platform=place.platform, id=name, name=name, guild=place.guild)
                found.append(Ground(place=named, kind=GroundKind.CATEGORY))
        return found

    def within(self, ground: Ground) -> Collection[Place]:
        if ground.kind is GroundKind.CATEGORY:
            return [each for each in self.categories.get(ground.place.id, ()) if each.id not in self.gone]
        known = next((each for each in self.places if each.key == ground.place.key), ground.place)
        return () if ground.place.id in self.gone else [known]

    async def standing(self, place: Place, *, posts: bool = False) -> Standing:
        if self.away or self.unknown:
            return Standing.UNKNOWN
        if place.id in self.gone:
            return Standing.GONE
        return Standing.BARRED if place.id in self.barred or posts != (place.id in self.forums) else Standing.OPEN

    def alone(self, person: str, place: Place) -> Conversation:
        return Conversation(place=place, only=person)

    def link(self, place: Place, message: str) -> str:
        return f"https://chat.example/{place.id}/{message}"

    def audience(self, conversation: Conversation) -> str:
        if conversation.only is not None:
            return conversation.only
        return " ".join(sorted(self.readers.get(conversation.place.room, ())))

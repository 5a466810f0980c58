"""Who may read what, as a test says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.talk.message import Conversation, Person, Place
from bot.talk.reach import Reach


@dataclass(slots=True)
class FakeRights:
    """`readers`: by `Place.room`, the keys of all people who can read it; a place that is not named nobody can read.

    The audience of a place are its readers, that of a private conversation is its one person.
    `poll_less`: who may not post polls.
    """

    readers: Mapping[str, Collection[str]]
    moderators: Collection[str] = ()
    of_role: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    places: Collection[Place] = ()
    poll_less: Collection[str] = ()

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

    async def may_poll(self, person: str, place: Place) -> bool:
        return person not in self.poll_less and await self.may_read(person, place)

    async def roles(self, person: str, place: Place) -> frozenset[str]:
        return frozenset(role for role, people in self.of_role.items() if person in people)

    def named(self, words: str, place: Place) -> Collection[Place]:
        wanted = words.lstrip("#").casefold()
        return [each for each in self.places if wanted in {each.id, each.name.casefold()}]

    def link(self, place: Place, message: str) -> str:
        return f"https://chat.example/{place.id}/{message}"

    def audience(self, conversation: Conversation) -> str:
        if conversation.only is not None:
            return conversation.only
        return " ".join(sorted(self.readers.get(conversation.place.room, ())))

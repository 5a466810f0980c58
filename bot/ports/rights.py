"""Who may read what, decided live by the platform's own rules. What is not known is not allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.reach import Reach


class Rights(Protocol):
    """Of one platform. Nothing here raises for a platform that is away: then nothing is allowed."""

    async def reach(self, asker: Person, conversation: Conversation) -> Reach:
        """What an answer to this person in this conversation may be made of, as of now."""
        ...

    async def may_read(self, person: str, place: Place) -> bool:
        """Whether the person (as `Person.key`) can read what was said in the place."""
        ...

    async def moderates(self, person: str, place: Place) -> bool:
        """Whether the person may manage the place."""
        ...

    async def governs(self, person: str, place: Place) -> bool:
        """Whether the person may manage the whole server of the place."""
        ...

    async def may_poll(self, person: str, place: Place) -> bool:
        """Whether the person can post a poll of their own there."""
        ...

    async def roles(self, person: str, place: Place) -> frozenset[str]:
        """Ids of the roles that the person has where the place is; with the one that all
        have; none where there are no roles, or unknown."""
        ...

    def named(self, words: str, place: Place) -> Collection[Place]:
        """Places near this one that somebody may mean: by id, by mention, or by name, with or without '#'."""
        ...

    async def open_to(self, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
        """Of these rooms (keys, as `Place.room`) what everyone who can read the conversation may read, as of now,
        nobody having asked; None where that cannot be found out now."""
        ...

    async def grounds(self, words: str, place: Place) -> Collection[Ground]:
        """As `named`, with categories and forums."""
        ...

    def within(self, ground: Ground) -> Collection[Place]:
        """The places that it stands for as of now; none where it is gone, or not known."""
        ...

    async def standing(self, place: Place, *, posts: bool = False) -> Standing:
        """Whether we can write there. `posts`: whether we can begin posts, in a forum."""
        ...

    def alone(self, person: str, place: Place) -> Conversation:
        """Where something from this place is told to the person (as `Person.key`) alone, nobody having asked."""
        ...

    @property
    def heard(self) -> bool:
        """Whether all that was said up to now has been told to us, as far as it is known."""
        ...

    def link(self, place: Place, message: str) -> str:
        """Where people click to see the message; "" where there is no such address."""
        ...

    def audience(self, conversation: Conversation) -> str:
        """Something short that changes whenever somebody may be able to read the conversation who was not; "" where it
        is not known who can. It may change without that, too."""
        ...


def link_of(rights: Mapping[str, Rights], place: Place, message: str) -> str:
    """As `Rights.link`, of any platform: "" where there are no rights."""
    known = rights.get(place.platform)
    return "" if known is None else known.link(place, message)


def seen_by(rights: Rights, source: Place, target: Place) -> str:
    """Something that changes whenever somebody may have come to read one of the two; "" where it is not known."""
    both = [rights.audience(Conversation(place=each)) for each in (source, target)]
    return "/".join(both) if all(both) else ""

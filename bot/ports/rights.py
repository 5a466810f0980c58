"""Who may read what, decided live by the platform's own rules. What is not known is not allowed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

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

    def link(self, place: Place, message: str) -> str:
        """Where people click to see the message; "" where there is no such address."""
        ...

    def audience(self, conversation: Conversation) -> str:
        """Something short that changes whenever somebody may be able to read the conversation who was not; "" where it
        is not known who can. It may change without that, too."""
        ...

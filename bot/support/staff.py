"""Who is staff of a support channel, as of now: who left, or lost the role, is no longer."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports.rights import Rights
from bot.ports.support import is_staff
from bot.ports.threads import Threads
from bot.talk.message import Place
from bot.talk.support import SupportChannel


class Staff:
    """`rights` and `threads` by platform."""

    def __init__(self, rights: Mapping[str, Rights], threads: Mapping[str, Threads]) -> None:
        self._rights = rights
        self._threads = threads

    def are_all(self, place: Place) -> bool:
        """Whether everybody there may manage everything: who asks is no staff in their own question."""
        return place.platform not in self._threads

    async def counts(self, channel: SupportChannel, person: str, place: Place) -> bool:
        """Whether the person (as `Person.key`) has a role of staff, or manages the place."""
        rights = self._rights.get(place.platform)
        return rights is not None and await is_staff(rights, channel, person, place)

"""What follows from an event: the parts of other verbs that `hear` needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Protocol

from bot.talk.event import ThreadChanged, Typing
from bot.talk.message import Message, Place


class Answering(Protocol):
    """What `hear` needs of `answer`."""

    def begin(self, message: Message, *, patient: bool = False) -> None:
        """Answer this message, in a task of its own. `patient`: it waits where too many do; it was missed."""
        ...

    def answers(self, message: Message) -> bool:
        """Whether its answer is under way."""
        ...

    def abandon(self, place: Place, message_ids: Collection[str]) -> None:
        """These messages are gone: end their answers."""
        ...


class Lateness(Protocol):
    """What `hear` needs to know of questions that came too late."""

    def is_late(self, age: timedelta) -> bool: ...
    def owe(self, message: Message) -> None:
        """It waits in the store, and gets a notice instead of an answer."""
        ...

    async def settle(self, platform: str) -> None:
        """Everything that was missed there has been heard: tell of what is owed."""
        ...

    async def again(self) -> None:
        """Tell of what was to be told and could not be written down. Called every minute."""
        ...


class Supports(Protocol):
    """What `hear` needs of support channels."""

    async def addressed(self, message: Message) -> Message:
        """As it is for us, or not, where it was said. A replay is judged alike. Raises DatabaseUnusable."""
        ...

    def settle(self, message: Message, *, patient: bool) -> None:
        """Answer this message once its author has said all. `patient`: as in `Answering.begin`."""
        ...

    def gone(self, place: Place, ids: Collection[str]) -> None:
        """These messages are gone."""
        ...

    async def homes(self, place: Place, ids: Collection[str]) -> Collection[Place]:
        """The threads that any of these messages, said in a channel, belong to. Raises DatabaseUnusable."""
        ...

    async def noticed(self, event: Typing | ThreadChanged) -> None:
        """Raises DatabaseUnusable."""
        ...

"""What a platform knows of threads and forums now. A platform that has none has no such port."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.talk.message import Message, Place
from bot.talk.support import ThreadNow


class MessageGone(Exception):
    """The message that a thread is to be opened from is not there any more."""


class Threads(Protocol):
    """Nothing here raises for a platform that is away: then nothing is known."""

    @property
    def hears(self) -> bool:
        """Whether messages are told to us that are not addressed to us."""
        ...

    def thread(self, place: Place) -> ThreadNow | None:
        """None where it is not known, or no thread."""
        ...

    async def tags_of(self, place: Place) -> Collection[str] | None:
        """Of a thread as it is now (ids), also where it is archived; None where that is not known, or no thread."""
        ...

    def tags(self, place: Place) -> Mapping[str, str]:
        """The names of a forum's tags, by id; none elsewhere."""
        ...

    def is_forum(self, place: Place) -> bool: ...

    def roles(self, place: Place) -> Mapping[str, str]:
        """The names of the roles where the place is, by id."""
        ...

    def can_answer(self, place: Place) -> bool | None:
        """Whether we can read what is asked in a channel or forum, and answer in the channel itself; None where that is
        not known."""
        ...

    def can_write_in_threads(self, place: Place) -> bool | None:
        """Whether we can answer in threads of a channel or forum; None where that is not known."""
        ...

    def can_open(self, place: Place) -> bool | None:
        """Whether we can open threads in a channel; None where that is not known."""
        ...

    async def open(self, message: Message, *, name: str) -> Place | None:
        """The thread of this message of a channel, which is opened if there is none yet; None where that is refused.
        Raises MessageGone, and PlatformUnavailable: it may be open or not, and to ask again is harmless."""
        ...

    def others_read(self, place: Place, channel: Place, staff: Collection[str]) -> bool | None:
        """Whether anybody can read the place who has none of these roles (ids) and does not manage the channel; None
        where that is not known."""
        ...

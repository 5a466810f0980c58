"""Questions of a channel that are answered in threads of their own: what is kept of that."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.talk.message import Addressed, Message, Place
from bot.talk.support import Talk


class QuestionThreads(Protocol):
    """Every method is one transaction. Raises DatabaseUnusable."""

    async def home(self, place: Place, message: str) -> tuple[Place, Addressed] | None:
        """The thread that a message of a channel belongs to, and how it was judged; None where it belongs to none."""
        ...

    async def homes(self, place: Place, ids: Collection[str]) -> Collection[Place]:
        """The threads that any of these messages of the channel belong to."""
        ...

    async def author_of(self, place: Place, message: str) -> str | None:
        """Who said it, as `Person.key`, or, of a message of ours, who asked what it answers; None where that is not
        kept."""
        ...

    async def latest_thread(self, channel: Place, asker: str, *, since: datetime) -> Talk | None:
        """The last question of the person for which a thread was opened there, where they spoke in it since."""
        ...

    async def is_begun(self, place: Place, ids: Collection[str]) -> bool:
        """Whether any of these messages is being answered, or is answered."""
        ...

    async def move(self, asked: Collection[Message], thread: Place) -> Talk | None:
        """These messages of one person are a part of the thread, as is their talk in the channel and what was counted
        of it; what is being answered stays where it is. None: nothing has changed."""
        ...

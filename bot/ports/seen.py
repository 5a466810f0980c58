"""Pictures and pages of files that were posted earlier, to be looked at again."""

from __future__ import annotations

from typing import Protocol

from bot.talk.found import Found


class Seen(Protocol):
    async def look(self, name: str, *, message: str = "", pages: str = "") -> Found:
        """The latest file of this name that may be read here (in this message, where given). `pages` of a document,
        like "3" or "12-15". Raises ValueError with what would be right."""
        ...

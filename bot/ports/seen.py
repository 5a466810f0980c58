"""Pictures and pages of files that were posted earlier, to be looked at again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.document import Document, PageRange
from bot.talk.found import Found
from bot.talk.message import Attachment, Place


class Seen(Protocol):
    async def look(self, name: str, *, message: str = "", pages: str = "") -> Found:
        """The latest file whose name has this in it that may be read here (in this message, where given: an id or a
        link). `pages` of a document, like "3" or "12-15". Raises ValueError with what would be right."""
        ...

    async def latest(self, *, limit: int) -> Found:
        """The latest files of this place by name, who posted each and when."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedFile:
    """A file beside a message that is still there. `author`, `author_key`: name and key of whoever posted it."""

    attachment: Attachment
    message: str
    place: Place
    author: str
    author_key: str
    sent_at: datetime


class PostedFiles(Protocol):
    """What the store knows of files. Raises DatabaseUnusable."""

    async def posted_files(
        self, rooms: Collection[str], *, name: str = "", message: str = "", asking: str = "", limit: int
    ) -> tuple[PostedFile, ...]:
        """The latest files of kept messages in these rooms (as `Place.room`) whose names have `name` in them, in any
        case; those named exactly so first, then the latest. Of one message, where given.

        Only a bounded number of the latest files is looked through. `asking`: the id of the message that asks, which
        counts although its words may not be kept.
        """
        ...


class OpensFiles(Protocol):
    """Fetches a posted file and opens it."""

    async def open(self, platform: str, attachment: Attachment, *, pages: PageRange | None = None) -> Document:
        """A picture is stored, so that a prompt can show it. Raises UserError, PlatformUnavailable or
        DocumentWorkerDied."""
        ...

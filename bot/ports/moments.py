"""When things were said, and what waits for somebody to fetch it. Raises DatabaseUnusable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.delivery import Delivery
from bot.talk.message import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """`last`: the number of the newest message that is written down, 0 for none. `since`: when the first sent of those
    behind an earlier number was sent; None where there is none."""

    last: int
    since: datetime | None = None


class Moments(Protocol):
    """A part of the store. Only of what is kept and was said to all, by people who allow it."""

    async def news(self, platform: str, *, after: int | None) -> News:
        """Of all messages. Whatever is written down later has a higher number. `after` None: nothing is new."""
        ...

    async def first_said(self, place: Place) -> datetime | None:
        """When the first message of this very place was sent."""
        ...

    async def last_said(self, person: str, place: Place, *, before: datetime) -> datetime | None:
        """When the person (as `Person.key`) last wrote in this very place before then."""
        ...

    async def moments_from(self, place: Place, message: str, *, limit: int) -> tuple[datetime, ...]:
        """When this message was sent and those after it in the place, at most so many, oldest first; none where there
        is no such message there."""
        ...

    async def unclaimed(self, delivery_id: str) -> Delivery | None:
        """A private delivery that was not taken by its person (yet); None where there is none, or its words went."""
        ...

"""Discord's own time: ours may be an hour off, or be set while the program runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Ids are made of the milliseconds since then, and 22 bits more (Discord's API reference, "Snowflakes")."""


def made_at(snowflake: str) -> datetime | None:
    """When Discord made the thing with this id; None for what is no id of Discord's."""
    if not snowflake.isdecimal() or len(snowflake) > 20:
        return None
    return EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def id_at(moment: datetime) -> int:
    """The smallest id that something made at this moment can have."""
    return max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << 22


class DiscordTime:
    """What time it is at Discord, by the last answer that said so and the seconds since. Knows nothing at first."""

    def __init__(self) -> None:
        self._said: tuple[datetime, float] | None = None

    def heard(self, date: str | None, monotonic: float) -> None:
        """The Date header of an answer. An odd one is ignored."""
        try:
            said = parsedate_to_datetime(date or "")
        except ValueError:
            return
        if said.tzinfo is not None:
            self._said = (said, monotonic)

    def now(self, monotonic: float) -> datetime | None:
        """Never early by more than the second that the header leaves out."""
        return None if self._said is None else self._said[0] + timedelta(seconds=1 + monotonic - self._said[1])

"""Discord's own time: ours may be an hour off, or be set while the program runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.ports import Clock

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Ids are made of the milliseconds since then, and 22 bits more (Discord's API reference, "Snowflakes")."""

AGEING = 0.001
"""Share of the time since Discord last told its time by which our reckoning of it may be off: clocks run apart."""


def made_at(snowflake: str) -> datetime | None:
    """When Discord made the thing with this id; None for what is no id of Discord's."""
    if not snowflake.isdecimal() or len(snowflake) > 20:
        return None
    return EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def id_at(moment: datetime) -> int:
    """The smallest id that something made at this moment can have."""
    return max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << 22


class DiscordTime:
    """What time it is at Discord, as far as it has told: from `now` to `latest`. Our own clock has no say in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        self._dated: tuple[datetime, float] | None = None

    def tells(self, moment: datetime) -> None:
        """Discord wrote this just now, or some time ago."""
        now = self.now()
        if now is None or moment > now:
            self._told = moment, self._clock.monotonic()

    def tells_date(self, header: str | None) -> None:
        """The Date of an answer that has just come, in whole seconds; nothing where it is none."""
        try:
            moment = parsedate_to_datetime(header or "")
        except ValueError:
            return
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.tells(moment)
        self._dated = moment + timedelta(seconds=1), self._clock.monotonic()

    def now(self) -> datetime | None:
        """It is no earlier than this. None before Discord has told anything."""
        return None if self._told is None else self._passed(self._told, 1 - AGEING)

    def latest(self) -> datetime | None:
        """It is no later than this, but for the way of the last answer here. None before the first answer."""
        return None if self._dated is None else self._passed(self._dated, 1 + AGEING)

    def since(self, moment: datetime) -> timedelta:
        """How long ago that was, at least; never less than zero."""
        now = self.now()
        return timedelta() if now is None else max(timedelta(), now - moment)

    def _passed(self, known: tuple[datetime, float], speed: float) -> datetime:
        moment, at = known
        return moment + timedelta(seconds=(self._clock.monotonic() - at) * speed)

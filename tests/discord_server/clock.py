"""Time and ids: what expires here (URLs, interactions, nonces, sessions) does so by an injected clock.

Rate limits do not: the client sleeps them off in real time, so they follow the event loop's time.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH_MS = 1_420_070_400_000
"""Discord's epoch, the first millisecond of 2015 (Discord API reference, "Snowflakes")."""


class Clock(Protocol):
    """What the server needs of a clock; the bot's own clocks fit."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """Stands still until told otherwise."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def made_at(snowflake: int) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


def stamp(moment: datetime) -> str:
    """As Discord writes times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Ids that grow, made of the clock's milliseconds and a counter, as Discord's are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        # Guild ids are a year older and a millisecond apart, so that the n-th guild goes to shard n % count.
        first = milliseconds(clock.now() - timedelta(days=365)) - EPOCH_MS
        self._guild = (first - first % 27_720) << 22

    def next(self) -> int:
        at = (milliseconds(self._clock.now()) - EPOCH_MS) << 22
        self._last = max(self._last + 1, at)
        return self._last

    def next_guild(self) -> int:
        self._guild += 1 << 22
        return self._guild - (1 << 22)


def digest(*parts: object) -> str:
    """A short stable name for something, e.g. a rate-limit bucket."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]

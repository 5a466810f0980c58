"""How sessions on the gateway are begun: sparingly, because Discord resets the token of whoever begins too many a day.

Discord counts (`session_start_limit` of GET /gateway/bot), so that a program that crashes again and again knows where
it stands. Source: Discord API reference, "Gateway", "Session Start Limit Object" and "Rate Limiting" of Identify.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.platforms.discord.failures import TRANSIENT
from bot.ports import Clock, Counters

PLENTY = 0.5
"""While more than this share of the day's sessions is left, nobody waits."""

RESERVE = 20
"""The last ones are an operator's: they are not used before the count begins anew."""

FRESH_SECONDS = 30.0
"""So long an answer of Discord's is reckoned on with, less what was begun since."""

LONGEST_WAIT = 900.0
"""Seconds after which Discord is asked again how many are left, while only the reserve is."""

APART_SECONDS = 5.0
"""Between two sessions of one concurrency key (shard modulo `max_concurrency`)."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a shard that could not connect tries again; the last one repeats."""

STEADY_SECONDS = 120.0
"""After so long without a failure the pauses begin anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`reset_after`: seconds until the count begins anew."""

    total: int
    remaining: int
    reset_after: float
    max_concurrency: int = 1

    @classmethod
    def of(cls, limits: Any) -> Allowance:
        """From Discord's answer; raises KeyError, TypeError, ValueError."""
        return cls(
            total=int(limits["total"]),
            remaining=int(limits["remaining"]),
            reset_after=max(0.0, float(limits["reset_after"]) / 1000),
            max_concurrency=max(1, int(limits["max_concurrency"])),
        )

    @property
    def exhausted(self) -> bool:
        """Only the reserve is left."""
        return self.remaining <= min(RESERVE, self.total // 10)

    @property
    def pause(self) -> float:
        """Seconds before the next session: evenly spread over what is left of the day."""
        if self.remaining > self.total * PLENTY:
            return 0.0
        if self.exhausted:
            return self.reset_after
        return self.reset_after / (self.remaining - min(RESERVE, self.total // 10))


class Starts:
    """Outlives connections."""

    def __init__(self, clock: Clock, counters: Counters) -> None:
        self._clock = clock
        self._counters = counters
        self._known: Allowance | None = None
        self._known_at = 0.0
        self._used = 0
        self._begun: dict[int, float] = {}
        self._last = clock.monotonic()
        """When the last session was begun, or the process."""

    def told(self, limits: Any) -> None:
        """Discord's count, as it answered just now."""
        try:
            self._known = Allowance.of(limits)
        except (KeyError, TypeError, ValueError):
            _log.warning("Discord did not say how many sessions may be begun")
            return
        self._known_at, self._used = self._clock.monotonic(), 0

    async def cleared(self, ask: Callable[[], Awaitable[Any]]) -> None:
        """Returns when a session may be begun. `ask` gives Discord's count; where it gives none, nobody waits."""
        while True:
            allowance = await self._allowance(ask)
            if allowance is None:
                return
            wait = allowance.pause
            if not allowance.exhausted:  # a process that has not begun one for long has waited already
                wait -= self._clock.monotonic() - self._last
            if wait <= 0:
                return
            self._counters.add("discord_identify_waits_total")
            _log.warning(
                "The next session on Discord begins in %.0f s: %d of %d a day are left",
                wait,
                allowance.remaining,
                allowance.total,
            )
            await self._clock.sleep(min(wait, LONGEST_WAIT))
            if not allowance.exhausted and wait <= LONGEST_WAIT:
                return
            self._known = None

    async def apart(self, shard: int) -> None:
        """Just before IDENTIFY: keep the distance that Discord asks for."""
        concurrency = 1 if self._known is None else self._known.max_concurrency
        key = shard % concurrency
        wait = self._begun.get(key, float("-inf")) + APART_SECONDS - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
        self._begun[key] = self._last = self._clock.monotonic()
        self._used += 1

    async def _allowance(self, ask: Callable[[], Awaitable[Any]]) -> Allowance | None:
        if self._known is None or self._clock.monotonic() - self._known_at > FRESH_SECONDS:
            self._known = None
            try:
                self.told(await ask())
            except (discord.DiscordException, *TRANSIENT) as error:
                _log.info("How many sessions may be begun is not known: %s", type(error).__name__)
        known = self._known
        if known is None:
            return None
        return Allowance(
            total=known.total,
            remaining=known.remaining - self._used,
            reset_after=known.reset_after,
            max_concurrency=known.max_concurrency,
        )


class Pauses:
    """Stands in for the library's backoff, which grows to a quarter of an hour in a flaky evening."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._last = float("-inf")

    def delay(self) -> float:
        """Seconds before the next attempt."""
        now = self._clock.monotonic()
        self._failures = 0 if now - self._last > STEADY_SECONDS else self._failures + 1
        self._last = now
        return PAUSES[min(self._failures, len(PAUSES) - 1)]

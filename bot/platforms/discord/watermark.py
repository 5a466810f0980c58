"""How far all that was said on Discord has been heard and written down, kept over restarts, in Discord's own time.

Ids on Discord are times. Whatever has an id below the mark was heard; what is above it may have been missed while the
program was away. The newest message known of a channel is no such mark: live ones are written down while older ones
are still being fetched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import discord

from bot.errors import CalanqueError
from bot.platforms.discord.inbox import Inbox
from bot.platforms.discord.times import DiscordTime
from bot.ports import Clock

FACT = "discord-heard-until"
"""Under this name the application and the mark are remembered."""

SAVE_SECONDS = 5.0
"""Between two marks, while people write."""

QUIET_SECONDS = 300.0
"""Between two marks, while nobody does: a disk may sleep."""

MARGIN = timedelta(seconds=150)
"""The mark stays so far behind: a connection that hears nothing any more is noticed after a heartbeat (about 41 s) and
`heartbeat_timeout` (60 s)."""

FIRST_MARGIN = timedelta(seconds=5)
"""So far back lies the very first mark: its time and ids of messages come from different machines of Discord."""

_log = logging.getLogger(__name__)


class Facts(Protocol):
    async def fact(self, name: str) -> str | None: ...
    async def save_fact(self, name: str, value: str) -> None: ...


class Watermark:
    """Outlives connections. `until` is the id below which everything was heard; 0 before `load`."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self.time = DiscordTime(clock)
        self.until = 0
        self.since = 0
        self._facts = facts
        self._clock = clock
        self._application = ""
        self._saved_at = float("-inf")
        self._candidate: tuple[int, int] | None = None

    async def load(self, application: int) -> None:
        """At the first start of an application nothing was missed: the mark is now. Raises what the store raises."""
        self._candidate = None
        if self._application == str(application) and self.until:
            await self._saved()  # the first mark of all may not be written down yet
            return
        self._application = str(application)
        ours, _, until = (await self._facts.fact(FACT) or "").partition(" ")
        if ours == self._application and until.isdecimal():
            self.until = self.since = int(until)
            return
        now = self.time.now()
        if now is not None:
            self.until = self.since = discord.utils.time_snowflake(now - FIRST_MARGIN)
            await self.save()

    async def save(self) -> None:
        """Raises what the store raises."""
        await self._facts.save_fact(FACT, f"{self._application} {self.until}")
        self._saved_at = self._clock.monotonic()

    def hold(self) -> None:
        """Something was not written down: what is just being counted as heard is not."""
        self._candidate = None

    async def run(self, inbox: Inbox, complete: Callable[[], bool]) -> None:
        """Move the mark until cancelled. `complete`: everybody is connected, and nothing missed is still to be read."""
        taken = -1
        while True:
            await self._clock.sleep(SAVE_SECONDS)
            quiet = inbox.taken == taken and self._clock.monotonic() - self._saved_at < QUIET_SECONDS
            if self._candidate is not None and inbox.heard_all(self._candidate[0]):
                self.until = max(self.until, self._candidate[1])
                self._candidate = None
                if not quiet:
                    taken = inbox.taken
                    await self._saved()
            now = self.time.now()
            if complete() and now is not None:
                if self._candidate is None:
                    self._candidate = inbox.taken, discord.utils.time_snowflake(now - MARGIN)
            else:
                self._candidate = None

    async def _saved(self) -> None:
        try:
            await self.save()
        except CalanqueError as error:
            _log.warning("How far Discord was heard could not be written down: %s", error)

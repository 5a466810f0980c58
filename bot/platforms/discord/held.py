"""Holds back what comes from a channel while something older of it is still being fetched, so that order is kept.

Never for long: whoever talks there now has their channel fetched next, and is let through after a while anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.platforms.discord.inbox import Arrival, Inbox

HOLD_SECONDS = 15.0
"""Longest time that one channel is held back."""

LIMIT = 1000
"""Events held back in all; later ones go through at once."""

Wanted = Callable[[int, int | None], bool]
"""Whether a channel, of a guild, is to be held back now. It may make the channel's turn come sooner."""


class Held:
    """Before the inbox. `wanted` is asked for every event."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._held: dict[int, list[Arrival]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._impatient: set[int] = set()
        self._count = 0
        self.wanted: Wanted = lambda _channel, _guild: False

    def put(self, channel: int, guild: int | None, arrival: Arrival) -> None:
        wanted = self.wanted(channel, guild)
        if not wanted:
            self._impatient.discard(channel)
        if not wanted or channel in self._impatient or self._count >= LIMIT:
            self.let_go(channel)
            self._inbox.put(channel, arrival)
            return
        if channel not in self._held:
            loop = asyncio.get_running_loop()
            self._timers[channel] = loop.call_later(HOLD_SECONDS, self._give_up, channel)
        self._held.setdefault(channel, []).append(arrival)
        self._count += 1

    def let_go(self, channel: int) -> None:
        """What was held of this channel is heard now, in its order."""
        timer = self._timers.pop(channel, None)
        if timer is not None:
            timer.cancel()
        for arrival in self._held.pop(channel, ()):
            self._count -= 1
            self._inbox.put(channel, arrival)

    def let_go_all(self) -> None:
        for channel in list(self._held):
            self.let_go(channel)

    def sift(self) -> None:
        """Let go what needs not be held any more. The guild does not matter once it is known what was missed."""
        for channel in list(self._held):
            if not self.wanted(channel, None):
                self.let_go(channel)

    def _give_up(self, channel: int) -> None:
        self._impatient.add(channel)
        self.let_go(channel)

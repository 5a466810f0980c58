"""Who somebody is in a server now. Discord tells of changes only with an intent that we do without, so it is asked.

An answer counts for a few seconds. What cannot be found out is None: then nothing is allowed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from bot.errors import CalanqueError
from bot.platforms.discord.failures import TRANSIENT
from bot.platforms.discord.permissions import Member
from bot.platforms.discord.snapshot import member_of
from bot.platforms.discord.wire import Wire
from bot.ports import Clock

FRESH_SECONDS = 10.0
"""So long an answer counts: a role that was taken away counts no longer after it."""
ASK_SECONDS = 5.0
"""Longest wait for one answer, the wait for its turn included."""
AT_ONCE = 8
"""Questions under way at the same time."""
KEPT = 4096
"""Answers that are remembered, at most."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Members:
    """`wire` gives the connection of now, None while there is none."""

    def __init__(self, wire: Callable[[], Wire | None], clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[tuple[str, int, int], tuple[float, Any]] = OrderedDict()

    async def member(self, guild: int, person: int) -> Member | None:
        """None as well for somebody who is not in the server."""

        async def ask(wire: Wire) -> Member | None:
            try:
                return member_of(await wire.get_member(guild, person))
            except discord.NotFound:
                return None

        return await self._asked(("member", guild, person), ask)

    def answered(self, guild: int, person: int) -> bool:
        """Whether `member` has just been answered, so that its None means that the person is not in the server."""
        return self._known(("member", guild, person)) is not None

    async def is_there(self, channel: int) -> bool | None:
        """Whether there is such a channel or thread and we see it; None where that cannot be found out."""

        async def ask(wire: Wire) -> bool:
            try:
                await wire.get_channel(channel)
            except (discord.NotFound, discord.Forbidden):
                return False
            return True

        return await self._asked(("channel", channel, 0), ask)

    async def in_thread(self, thread: int, person: int) -> bool:
        """Whether the person was added to the thread."""

        async def ask(wire: Wire) -> bool:
            try:
                await wire.get_thread_member(thread, person)
            except discord.NotFound:
                return False
            return True

        return await self._asked(("thread", thread, person), ask) or False

    async def recipient(self, channel: int) -> int | None:
        """Who writes direct messages in a channel; None for one that is not for these."""

        async def ask(wire: Wire) -> int | None:
            try:
                found: Any = await wire.get_channel(channel)
            except discord.NotFound:
                return None
            recipients: list[Any] = found.get("recipients") or []
            return int(recipients[0]["id"]) if len(recipients) == 1 else None

        return await self._asked(("direct", channel, 0), ask)

    async def _asked(self, key: tuple[str, int, int], ask: Callable[[Wire], Awaitable[T]]) -> T | None:
        """None where it cannot be found out, which is not remembered."""
        if (known := self._known(key)) is not None:
            return known[1]
        wire = self._wire()
        if wire is None:
            return None
        asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(ASK_SECONDS), self._free:
                if (known := self._known(key)) is not None:
                    return known[1]
                asked_at = self._clock.monotonic()
                answer = await ask(wire)
        except (
            discord.HTTPException,
            CalanqueError,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            *TRANSIENT,
        ) as error:
            _log.warning("Somebody's rights on Discord could not be asked for: %s", type(error).__name__)
            return None
        self._kept[key] = (asked_at, answer)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return answer

    def _known(self, key: tuple[str, int, int]) -> tuple[float, Any] | None:
        known = self._kept.get(key)
        if known is None or self._clock.monotonic() - known[0] > FRESH_SECONDS:
            self._kept.pop(key, None)
            return None
        return known

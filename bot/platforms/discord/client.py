"""discord.py's client, kept lean: hardly any caches, and events are taken as they come instead of in loose tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, cast

import discord
from discord.state import AutoShardedConnectionState

from bot.platforms.discord.wire import Room, Wire
from bot.settings import Discord

READY_SECONDS = 1.0
"""Without another server appearing for so long after the greeting, everything is there."""

LEAVE_SECONDS = 5.0
"""Longest wait for Discord's answer when the connection is closed."""

AGAIN_SECONDS = 0.5
"""After so long without an effect a cancellation is repeated."""

Take = Callable[..., None]

_log = logging.getLogger(__name__)


def intents(settings: Discord) -> discord.Intents:
    """What Discord is asked to tell us: servers, messages there and direct ones, and their content where wanted."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = settings.message_content
    return wanted


def new_wire(settings: Discord, *, room: Room | None = None) -> Wire:
    return Wire(api=settings.api_url, gateway=settings.gateway_url, room=room)


async def heeded(work: Coroutine[Any, Any, None]) -> None:
    """Do this; when cancelled, cancel it until it ends.

    The library waits with `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes in the moment
    in which what it waits for is there: a shard that is just connected would go on for ever.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            task.cancel()
            try:
                await asyncio.wait({task}, timeout=AGAIN_SECONDS)
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()  # it is over either way
        raise


class Client(discord.AutoShardedClient):
    """`takes`: what is done, at once and in order, with discord.py's events by name."""

    def __init__(self, settings: Discord, *, takes: dict[str, Take], room: Room) -> None:
        self._settings = settings
        self._takes = takes
        self._room_for_more = room
        self._leaving: asyncio.Task[None] | None = None
        super().__init__(
            intents=intents(settings),
            shard_count=settings.shards,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=READY_SECONDS,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _get_state(self, **options: Any) -> AutoShardedConnectionState[Any]:
        # The library makes its HTTP client just before this and hands it to the state here: the one seam for ours.
        self.http = new_wire(self._settings, room=self._room_for_more)
        return super()._get_state(**options)

    @property
    def wire(self) -> Wire:
        """The connection to Discord's API."""
        return cast("Wire", self.http)

    async def setup_hook(self) -> None:
        if self._settings.shards is not None and self._settings.api_url and not self._settings.gateway_url:
            await self.http.get_bot_gateway()  # with a fixed number of shards the library would not ask

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """The library starts a task for every event here, without order or bound; ours are taken directly."""
        take = self._takes.get(event)
        if take is None:
            super().dispatch(event, *args, **kwargs)
            return
        try:
            take(*args)
        except Exception:  # must not end the connection that the event came from
            _log.exception("A Discord event (%s) was not understood", event)

    async def close(self) -> None:
        """Leave the gateway. Goes on to its end when cancelled once more, so that nothing stays open."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        cancelled = False
        while not self._leaving.done():
            try:
                await asyncio.shield(self._leaving)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await super().close()
        except TimeoutError:
            _log.warning("Discord did not answer the good-bye")
        finally:
            await self.http.close()
        await asyncio.sleep(0)  # the library cancels its reading tasks without waiting for them

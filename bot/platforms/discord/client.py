"""discord.py's client, kept lean: hardly any caches, and events are taken as they come instead of in loose tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import aiohttp
import discord
import yarl
from discord.gateway import ReconnectWebSocket
from discord.state import AutoShardedConnectionState

from bot.platforms.discord.starts import Pauses, Starts
from bot.platforms.discord.times import DiscordTime
from bot.platforms.discord.wire import Room, Wire
from bot.ports import Clock
from bot.settings import Discord

READY_SECONDS = 1.0
"""Without another server appearing for so long after the greeting, everything is there."""

LEAVE_SECONDS = 5.0
"""Longest wait for Discord's answer when the connection is closed."""

AGAIN_SECONDS = 0.5
"""After so long without an effect a cancellation is repeated."""

SILENCE_SECONDS = 60.0
"""A connection on which nothing came for so long is given up; Discord asks for a heartbeat every 41 s."""

RESUMES = 6
"""Attempts to take up a session whose gateway does not let us in, before a new one is begun elsewhere."""

LAUNCHES = 20
"""Attempts to connect a shard at start, some seconds apart, before everything is begun anew."""

Take = Callable[..., None]

_log = logging.getLogger(__name__)


def intents(settings: Discord) -> discord.Intents:
    """What Discord is asked to tell us: servers, messages there and direct ones, their content where wanted, and who is
    typing in servers."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.guild_typing = True
    wanted.dm_messages = True
    wanted.message_content = settings.message_content
    return wanted


def new_wire(settings: Discord, *, room: Room | None = None, time: DiscordTime | None = None) -> Wire:
    return Wire(api=settings.api_url, gateway=settings.gateway_url, room=room, time=time)


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


class _Careful:
    """Changes one shard of the library: how it comes back.

    A session is taken up again also when the gateway could not be reached for a while, and a new one is begun only when
    there may be one; the library would begin a new one each time, after pauses of up to a quarter of an hour.
    """

    def __init__(self, shard: Any, starts: Starts, ask: Callable[[], Awaitable[Any]], pauses: Pauses) -> None:
        self._shard = shard
        self._starts = starts
        self._ask = ask
        self._failed = 0
        self._lost: object = None
        self._reidentify: Callable[[ReconnectWebSocket], Awaitable[None]] = shard.reidentify
        # What the library calls, on this one object.
        shard._backoff = pauses
        shard.reidentify = self.reidentify
        shard.reconnect = self.reconnect

    async def reidentify(self, wanted: ReconnectWebSocket) -> None:
        await self._come_back(resume=wanted.resume)

    async def reconnect(self) -> None:
        """After an attempt that failed on the way."""
        await self._come_back(resume=self._shard.ws.session_id is not None)

    async def _come_back(self, *, resume: bool) -> None:
        socket = self._shard.ws  # another one as soon as a gateway has let us in
        self._failed = self._failed + 1 if socket is self._lost else 0
        self._lost = socket
        if self._failed > RESUMES:
            resume = False
        if not resume:
            socket.session_id = socket.sequence = None
            await self._starts.cleared(self._ask)
        await self._reidentify(ReconnectWebSocket(self._shard.id, resume=resume))


class _Sockets:
    """Connections to the gateway that were opened. The library leaves one open that did not let us in within a minute,
    with the thread that keeps it alive."""

    def __init__(self) -> None:
        self._open: dict[Any, Any] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def opened(self, socket: Any) -> None:
        """The one before it of the same shard is not wanted any more."""
        before = self._open.get(socket.shard_id)
        self._open[socket.shard_id] = socket
        if before is not None:
            task = asyncio.create_task(self._closed(before))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        for socket in self._open.values():
            await self._closed(socket)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _closed(self, socket: Any) -> None:
        """Stops its thread, too."""
        if socket._keep_alive is not None:
            socket._keep_alive.stop()
        if not socket.socket.closed:
            try:
                async with asyncio.timeout(LEAVE_SECONDS):
                    await socket.close(code=4000)  # 1000 would end the session, which may be taken up again
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                _log.debug("A connection to the gateway was not closed properly: %s", type(error).__name__)


class Client(discord.AutoShardedClient):
    """`takes`: what is done, at once and in order, with discord.py's events by name."""

    def __init__(
        self, settings: Discord, *, takes: dict[str, Take], room: Room, starts: Starts, clock: Clock, time: DiscordTime
    ) -> None:
        self._settings = settings
        self._starts = starts
        self._clock = clock
        self._time = time
        self._takes = takes
        self._room_for_more = room
        self._leaving: asyncio.Task[None] | None = None
        self._launches = 0
        self._sockets = _Sockets()
        super().__init__(
            intents=intents(settings),
            shard_count=settings.shards,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=READY_SECONDS,
            heartbeat_timeout=SILENCE_SECONDS,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _get_state(self, **options: Any) -> AutoShardedConnectionState[Any]:
        # The library makes its HTTP client just before this and hands it to the state here: the one seam for ours.
        self.http = new_wire(self._settings, room=self._room_for_more, time=self._time)
        state = super()._get_state(**options)
        update = cast("Callable[[Any], None]", cast("Any", state)._update_references)

        def opened(socket: Any) -> None:
            """The library tells of each new connection here, before it is let in, and forgets it if it is not."""
            self._sockets.opened(socket)
            update(socket)

        cast("Any", state)._update_references = opened
        return state

    @property
    def wire(self) -> Wire:
        """The connection to Discord's API."""
        return cast("Wire", self.http)

    async def launch_shards(self) -> None:
        """Ask Discord first: how many shards it advises, where its gateway is, how many sessions may be begun."""
        shards, _, limits = await self.http.get_bot_gateway()
        self._starts.told(limits)
        self.shard_count = self._settings.shards or shards
        await super().launch_shards()

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        # The library calls this again, from within, each time it fails.
        self._launches += 1
        if self._launches > LAUNCHES:
            raise ConnectionError("no gateway lets us in")
        await self._starts.cleared(self._limits)
        await super().launch_shard(gateway, shard_id, initial=initial)
        if self._launches:
            self._launches = 0
            shard = cast("Any", self.get_shard(shard_id))._parent
            _Careful(shard, self._starts, self._limits, Pauses(self._clock))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library waits five seconds each time but the first, however long ago that was."""
        await self._starts.apart(shard_id or 0)

    async def _limits(self) -> Any:
        return (await self.http.get_bot_gateway())[2]

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
            await self._sockets.close()
            await self.http.close()
        await asyncio.sleep(0)  # the library cancels its reading tasks without waiting for them

"""The gateway: HELLO to RESUMED, who is sent what, and the ways a connection can go wrong.

Source: Discord API reference, "Gateway" (lifecycle, sharding, resuming) and "Gateway close event codes".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.discord_server import payloads
from tests.discord_server.commands import Commands
from tests.discord_server.compression import compressor
from tests.discord_server.connection import Connection
from tests.discord_server.intents import IN_DMS, IN_GUILDS, Intent
from tests.discord_server.session import Session
from tests.discord_server.things import Guild, Json
from tests.discord_server.world import Event, World

MESSAGE_EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


class Gateway:
    """All sessions and connections of the bot.

    Settings a test may change at any time: `heartbeat_interval` (seconds, told in HELLO), `resume_window`, `shards`
    (recommended), `budget` (IDENTIFYs left of `total` a day; at 0 the next one resets the token; `reset_after`: seconds
    until they count anew, as told by GET /gateway/bot), `identify_every` (seconds between
    IDENTIFYs of one concurrency key, 0: not enforced), `accepting` (False: connections are refused with 503),
    `resuming` (False: every RESUME is refused with op 9 false), `greeting` (False: a connection gets no HELLO).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.heartbeat_interval = 41.25
        self.resume_window = timedelta(seconds=180)
        self.shards = 1
        self.budget = self.total = 1000
        self.reset_after = 14_400.0
        self.max_concurrency = 1
        self.identify_every = 0.0
        self.accepting = True
        self.resuming = True
        self.greeting = True
        self.url = ""
        self.identified = 0
        self.resumed = 0
        self.refused = 0
        """Connections that were not accepted."""
        self.received: list[Json] = []
        """Every payload a client sent, heartbeats included, tokens left out."""
        self.left_with: list[int | None] = []
        """The close codes with which clients left by themselves; None: without a word."""
        self.dispatched: Counter[str] = Counter()
        self._started: dict[int, float] = {}
        world.listeners.append(self.deliver)

    # what tests do to it
    @property
    def live(self) -> list[Session]:
        """Sessions with a connection."""
        return [session for session in self.sessions.values() if session.connection is not None]

    def drop(self, code: int | None = None, shard: int | None = None) -> None:
        """Close connections with a code, or cut them without one."""
        for connection in self._of(shard):
            if code is None:
                connection.abort()
            else:
                connection.close(code)

    def reconnect(self, shard: int | None = None) -> None:
        """Ask clients to come back (op 7)."""
        for connection in self._of(shard):
            connection.send(7)

    def invalidate(self, *, resumable: bool, shard: int | None = None) -> None:
        """Op 9. Not resumable: the sessions are gone."""
        for connection in self._of(shard):
            connection.send(9, resumable)
            if not resumable and connection.session is not None:
                self.sessions.pop(connection.session.id, None)
                connection.session.connection = None
                connection.session = None

    def zombify(self, shard: int | None = None) -> None:
        """Go on sending events but acknowledge no heartbeat."""
        for connection in self._of(shard):
            connection.acknowledging = False

    def silence(self, shard: int | None = None) -> None:
        """Half-open: the socket stays, nothing is sent any more; events are kept for a RESUME."""
        for connection in self._of(shard):
            connection.silent = True

    def forget_sessions(self) -> None:
        """As after an outage of Discord: no session can be resumed."""
        for session in list(self.sessions.values()):
            if session.connection is None:
                del self.sessions[session.id]

    def reset_token(self) -> None:
        """The token is worth nothing any more: everybody is thrown out, the new one is `world.token`."""
        self.world.reset_token()
        self.drop(4004)
        self.sessions.clear()

    def _of(self, shard: int | None) -> list[Connection]:
        return [
            connection
            for connection in self.connections
            if shard is None or (connection.session is not None and connection.session.shard == shard)
        ]

    # events out
    def deliver(self, event: Event) -> None:
        """Send an event to every session that may and wants to hear of it."""
        world = self.world
        if event.channel is not None and not world.sees(world.bot, event.channel):
            return
        if event.guild_id is not None:
            guild = world.guilds[event.guild_id]
            if event.name != "GUILD_DELETE" and (world.bot.id not in guild.members or not guild.available):
                return
        for session in list(self.sessions.values()):
            if session.hears_of(event.guild_id) and self._asked(session, event):
                session.dispatch(event.name, self._data(session, event))
                self.dispatched[event.name] += 1

    def _asked(self, session: Session, event: Event) -> bool:
        if event.about is self.world.bot and event.name == "GUILD_MEMBER_UPDATE":
            return True
        if event.name == "THREAD_MEMBERS_UPDATE" and event.about is not self.world.bot:
            return Intent.GUILDS | Intent.GUILD_MEMBERS in session.intents
        needed = (IN_DMS if event.guild_id is None else IN_GUILDS).get(event.name, Intent(0))
        return needed in session.intents

    def _data(self, session: Session, event: Event) -> Json:
        if event.name == "GUILD_CREATE" and event.guild_id is not None:
            guild = self.world.guilds[event.guild_id]
            shown = payloads.guild_create(guild, everyone=self._members_shown(session, guild))
            # Of a guild that we join Discord does not say whether it is available.
            return {**shown, "unavailable": False} if "unavailable" in event.data else shown
        if event.message is None or event.name not in MESSAGE_EVENTS:
            return event.data
        message = event.message
        data = payloads.message(message, full=Intent.MESSAGE_CONTENT in session.intents)
        data["channel_type"] = int(message.channel.type)
        if message.guild is not None:
            data["guild_id"] = str(message.guild.id)
            member = message.guild.members.get(message.author.id)
            if member is not None:
                data["member"] = payloads.member(member, with_user=False)
        return data

    def _members_shown(self, session: Session, guild: Guild) -> bool:
        wanted = Intent.GUILD_MEMBERS in session.intents and Intent.GUILD_PRESENCES in session.intents
        return wanted and len(guild.members) <= 250

    # connections in
    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not self.accepting:
            self.refused += 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        query = request.query
        try:
            connection = Connection(socket, request, compressor(query.get("compress")))
        except KeyError:
            await socket.close(code=4002)
            return socket
        self.connections.append(connection)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(connection.write())
                if query.get("v") not in ("9", "10") or query.get("encoding", "json") != "json":
                    connection.close(4012)
                elif self.greeting:
                    connection.send(10, {"heartbeat_interval": int(self.heartbeat_interval * 1000), "_trace": []})
                await Commands(self, connection).run()
                if not connection.closing:
                    writer.cancel()
        finally:
            self._lost(connection)
        return socket

    def _lost(self, connection: Connection) -> None:
        self.connections.remove(connection)
        session = connection.session
        if connection.closed_with is None:
            code = connection.client_code
            self.left_with.append(None if code == 1006 else code)
        if session is not None and session.connection is connection:
            session.connection = None
            session.lost_at = self.world.clock.now()
            # A client that closes with 1000 or 1001 ends its session.
            if connection.closed_with is None and connection.client_code in (1000, 1001):
                self.sessions.pop(session.id, None)
        self.world.changes.announce()

    def may_identify(self, shard: int) -> bool:
        """Whether this concurrency key may start a session already."""
        now = asyncio.get_running_loop().time()
        key = shard % self.max_concurrency
        if now - self._started.get(key, float("-inf")) < self.identify_every:
            return False
        self._started[key] = now
        return True

    def ready(self, session: Session, *, sharded: bool) -> None:
        """READY, then the guilds of the shard, one by one."""
        world = self.world
        guilds = [each for each in world.guilds.values() if world.bot.id in each.members and session.hears_of(each.id)]
        data: dict[str, Any] = {
            "v": 10,
            "user": {**payloads.user(world.bot), "email": None, "verified": True, "mfa_enabled": True, "flags": 0},
            "guilds": [{"id": str(each.id), "unavailable": True} for each in guilds],
            "private_channels": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "application": {"id": str(world.application_id), "flags": int(world.application_flags)},
        }
        if sharded:
            data["shard"] = [session.shard, session.shards]
        session.dispatch("READY", data)
        if Intent.GUILDS not in session.intents:
            return
        for guild in guilds:
            if guild.available:
                shown = payloads.guild_create(guild, everyone=self._members_shown(session, guild))
                session.dispatch("GUILD_CREATE", {**shown, "unavailable": False})

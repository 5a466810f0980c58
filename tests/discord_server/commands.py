"""What a client says on the gateway: heartbeat, identify, resume, presence, members."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.discord_server import payloads
from tests.discord_server.connection import Connection
from tests.discord_server.intents import KNOWN, PRIVILEGED, Intent, granted
from tests.discord_server.session import Session
from tests.discord_server.things import Json, Member

if TYPE_CHECKING:
    from tests.discord_server.gateway import Gateway

COMMANDS_A_MINUTE = 120
GUILDS_A_SHARD = 2500
CHUNK = 1000


class Refused(Exception):
    """The connection is closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Commands:
    """The reading side of one connection."""

    def __init__(self, gateway: Gateway, connection: Connection) -> None:
        self._gateway = gateway
        self._connection = connection

    async def run(self) -> None:
        connection = self._connection
        loop = asyncio.get_running_loop()
        patience = self._gateway.heartbeat_interval * 1.5
        deadline = loop.time() + patience
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    payload = await connection.read()
            except TimeoutError:
                connection.close(4009)
                return
            except ValueError:
                connection.close(4002)
                return
            if payload is None:
                return
            if payload.get("op") == 1:
                deadline = loop.time() + patience
            try:
                self._hear(payload)
            except Refused as refused:
                connection.close(refused.code)
                return
            finally:
                self._gateway.world.changes.announce()

    def _hear(self, payload: Json) -> None:
        connection, gateway = self._connection, self._gateway
        data = payload.get("d")
        shown = {**data, "token": "…"} if isinstance(data, dict) and "token" in data else data
        gateway.received.append({**payload, "d": shown})
        now = asyncio.get_running_loop().time()
        connection.commands.append(now)
        while connection.commands[0] < now - 60:
            connection.commands.popleft()
        if len(connection.commands) > COMMANDS_A_MINUTE:
            raise Refused(4008)
        op = payload.get("op")
        if op == 1:
            connection.beats += 1
            if connection.acknowledging:
                connection.send(11)
        elif op in (2, 6):
            if connection.session is not None:
                raise Refused(4005)
            if not isinstance(data, dict):
                raise Refused(4002)
            if op == 2:
                self._identify(data)
            else:
                self._resume(data)
        elif op in (3, 4, 8):
            if connection.session is None:
                raise Refused(4003)
            if op == 3:
                connection.session.presence = data
            elif op == 8:
                self._members(connection.session, data or {})
        else:
            raise Refused(4001)

    def _identify(self, data: Json) -> None:
        gateway, connection = self._gateway, self._connection
        world = gateway.world
        if data.get("token") != world.token:
            raise Refused(4004)
        if "properties" not in data or not isinstance(data.get("intents"), int):
            raise Refused(4002)
        shard: list[int] = data.get("shard", [0, 1])
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise Refused(4010)
        asked = int(data["intents"])
        if asked & ~KNOWN or asked < 0:
            raise Refused(4013)
        intents = Intent(asked)
        if intents & PRIVILEGED & ~granted(world.application_flags):
            raise Refused(4014)
        session = Session(shard=shard[0], shards=shard[1], intents=intents, connection=connection)
        if sum(session.hears_of(guild) for guild in world.guilds) > GUILDS_A_SHARD:
            raise Refused(4011)
        if gateway.budget <= 0:
            gateway.reset_token()
            raise Refused(4004)
        gateway.budget -= 1
        if not gateway.may_identify(session.shard):
            connection.send(9, data=False)
            return
        gateway.identified += 1
        gateway.sessions[session.id] = session
        connection.session = session
        session.presence = data.get("presence")
        gateway.ready(session, sharded="shard" in data)

    def _resume(self, data: Json) -> None:
        gateway, connection = self._gateway, self._connection
        if data.get("token") != gateway.world.token:
            raise Refused(4004)
        session = gateway.sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is not None and isinstance(seq, int) and seq > session.seq:
            raise Refused(4007)
        missed = None if session is None or not isinstance(seq, int) else session.missed(seq)
        if session is None or missed is None or not gateway.resuming or self._too_late(session):
            if session is not None:
                gateway.sessions.pop(session.id, None)
            connection.send(9, data=False)
            return
        if session.connection is not None:
            session.connection.session = None
            session.connection.close(4000)
        gateway.resumed += 1
        connection.session, session.connection, session.lost_at = session, connection, None
        for sent in missed:
            connection.send_text(sent.text)
        session.dispatch("RESUMED", {"_trace": []})

    def _too_late(self, session: Session) -> bool:
        lost = session.lost_at
        return lost is not None and self._gateway.world.clock.now() - lost > self._gateway.resume_window

    def _members(self, session: Session, data: Json) -> None:
        world = self._gateway.world
        guild = world.guilds.get(int(data["guild_id"]))
        if guild is None or not session.hears_of(guild.id):
            return
        query, wanted, limit = data.get("query"), data.get("user_ids"), int(data.get("limit", 0))
        whole = wanted is None and query == "" and limit == 0
        if whole and Intent.GUILD_MEMBERS not in session.intents:
            return
        found: list[Member] = list(guild.members.values())
        more: dict[str, Any] = {}
        if wanted is not None:
            ids = [int(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
            found = [guild.members[each] for each in ids if each in guild.members]
            more["not_found"] = [str(each) for each in ids if each not in guild.members]
        elif not whole:
            prefix = str(query).casefold()
            found = [m for m in found if (m.nick or m.user.name).casefold().startswith(prefix)]
            found = found[: min(limit or 100, 100)]
        chunks = [found[start : start + CHUNK] for start in range(0, len(found), CHUNK)] or [[]]
        if "nonce" in data:
            more["nonce"] = data["nonce"]
        for index, chunk in enumerate(chunks):
            members = [payloads.member(member) for member in chunk]
            place = {"guild_id": str(guild.id), "chunk_index": index, "chunk_count": len(chunks)}
            session.dispatch("GUILD_MEMBERS_CHUNK", {**place, "members": members, **more})

"""What is approved of tool servers, as the store's part of `bot.ports.servers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bot.ports.servers import Approved
from bot.settings import Database as DatabaseSettings
from bot.storage.address import find
from bot.storage.connection import Connections
from bot.storage.places import insert
from bot.storage.server_tables import server_tools


class SqlServers:
    """Implements `bot.ports.servers.ApprovedTools`."""

    _db: Connections

    async def approved_tools(self) -> tuple[Approved, ...]:
        return await self._db.read(_all)

    async def approve_tools(self, approved: Sequence[Approved]) -> None:
        await self._db.write(lambda c: _save(c, approved))

    async def withdraw_tool(self, server: str, tool: str, *, digest: str, at: datetime) -> bool:
        return await self._db.write(lambda c: _withdraw(c, server, tool, digest=digest, at=at))

    async def forget_tools(self, server: str, tool: str | None = None) -> int:
        return await self._db.write(lambda c: _forget(c, server, tool))


def _all(connection: Connection) -> tuple[Approved, ...]:
    rows = connection.execute(select(server_tools).order_by(server_tools.c.server, server_tools.c.tool))
    return tuple(Approved(**row) for row in rows.mappings())


def _save(connection: Connection, approved: Sequence[Approved]) -> None:
    for each in approved:
        new: Any = insert(connection, server_tools).values(
            server=each.server,
            tool=each.tool,
            digest=each.digest,
            text=each.text,
            at=each.at,
            withdrawn=each.withdrawn,
        )
        changed = {name: getattr(new.excluded, name) for name in ("digest", "text", "at", "withdrawn")}
        connection.execute(new.on_conflict_do_update(index_elements=["server", "tool"], set_=changed))


def _withdraw(connection: Connection, server: str, tool: str, *, digest: str, at: datetime) -> bool:
    known = (server_tools.c.server == server) & (server_tools.c.tool == tool) & (server_tools.c.digest == digest)
    standing = known & server_tools.c.withdrawn.is_(None)
    return connection.execute(update(server_tools).where(standing).values(withdrawn=at)).rowcount > 0


def _forget(connection: Connection, server: str, tool: str | None) -> int:
    those = server_tools.c.server == server
    if tool is not None:
        those &= server_tools.c.tool == tool
    return connection.execute(delete(server_tools).where(those)).rowcount


async def approved_in(settings: DatabaseSettings, data_dir: Path) -> tuple[Approved, ...]:
    """What is approved, where nothing is to be made or changed; none where there is no database yet. Raises
    DatabaseUnusable, SettingsError."""
    address = find(settings, data_dir)
    if address.path is not None and not address.path.exists():
        return ()
    connections = Connections(address)
    try:
        return await connections.read(_all)
    finally:
        await connections.close()

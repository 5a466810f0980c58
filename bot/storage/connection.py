"""Transactions: work is a plain function of a connection, and is run whole or not at all.

SQLite has one writer, so one thread with one long-lived connection writes, in the order of arrival, and a few others
read beside it (WAL). A whole transaction is one trip to its thread: a trip a statement, as async drivers make it, was
four times slower (docs/decisions/0002). Every write begins with BEGIN IMMEDIATE: a transaction that
turned from reading to writing could deadlock. On PostgreSQL the same functions run in the async driver's greenlet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.address import Address
from bot.storage.failures import FAILURES, explain, is_a_fault_of_ours, is_passing

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_SECONDS = 5.0
"""How long a statement waits for another program's lock on SQLite."""
WAIT_SECONDS = 30.0
"""How long a transaction waits for its turn, or for a connection to a server."""
STATEMENT_SECONDS = 60.0
READERS = 2
POSTGRES_CONNECTIONS = 5
ATTEMPTS = 3
"""How often a transaction is tried when PostgreSQL breaks a deadlock."""
_WORDS_LOCK = 0x43_41_4C_41_4E_51_55_45


class _Backend(Protocol):
    async def run(self, work: Work[T], *, writing: bool) -> T: ...
    async def close(self) -> None: ...


class Connections:
    """The connections of one store. Raises DatabaseUnusable, and works again when the cause is gone."""

    def __init__(self, address: Address, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.address = address
        self._backend: _Backend = (
            _Server(address) if address.path is None else _Threads(str(address.path), busy_seconds)
        )

    async def write(self, work: Work[T]) -> T:
        return await _to_the_end(self._attempt(work, writing=True))

    async def read(self, work: Work[T]) -> T:
        return await _to_the_end(self._attempt(work, writing=False))

    async def close(self) -> None:
        await self._backend.close()

    async def _attempt(self, work: Work[T], *, writing: bool) -> T:
        attempt = 1
        while True:
            try:
                return await self._backend.run(work, writing=writing)
            except FAILURES as error:
                if is_a_fault_of_ours(error):
                    raise
                if not is_passing(error) or attempt >= ATTEMPTS:
                    raise explain(error, self.address) from None
                attempt += 1


async def _to_the_end(transaction: Awaitable[T]) -> T:
    """A transaction that has begun is finished, also when its caller is cancelled: so it is known what it did.

    Bounded by the busy time-out, the statement time-out and the wait for a turn.
    """
    running = asyncio.ensure_future(transaction)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            try:
                await asyncio.wait([running])
            except asyncio.CancelledError:
                continue
        if not running.cancelled():
            running.exception()
        raise


class _Threads:
    """SQLite: whole transactions in threads of their own."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._writer = sqlite_engine(path, busy_seconds, begin="BEGIN IMMEDIATE", connections=1)
        self._reader = sqlite_engine(path, busy_seconds, begin="BEGIN", connections=READERS)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="calanque-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="calanque-read")

    async def run(self, work: Work[T], *, writing: bool) -> T:
        asked = monotonic()
        engine = self._writer if writing else self._reader

        def transact() -> T:
            if monotonic() - asked > WAIT_SECONDS:
                raise PoolTimeout
            with engine.connect() as connection:
                try:
                    with connection.begin():
                        return work(connection)
                except FAILURES as error:
                    # One that was opened while its file was read-only stays so; the next transaction gets a new one.
                    if not connection.closed and not is_a_fault_of_ours(error):
                        connection.invalidate()
                    raise

        return await asyncio.get_running_loop().run_in_executor(self._writing if writing else self._reading, transact)

    async def close(self) -> None:
        def close() -> None:
            for executor in (self._reading, self._writing):
                executor.shutdown(wait=True)
            for engine in (self._reader, self._writer):
                engine.dispose()

        await asyncio.to_thread(close)


class _Server:
    """PostgreSQL."""

    def __init__(self, address: Address) -> None:
        self._engine = server_engine(
            address,
            connect_args={"timeout": WAIT_SECONDS, "command_timeout": STATEMENT_SECONDS},
            pool_size=POSTGRES_CONNECTIONS,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            # A connection may have died with the server since it was last used.
            pool_pre_ping=True,
            hide_parameters=True,
        )

    async def run(self, work: Work[T], *, writing: bool) -> T:
        connection: AsyncConnection
        async with self._engine.connect() as connection, connection.begin():
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


def server_engine(address: Address, **options: Any) -> AsyncEngine:
    """PostgreSQL's. With SQLAlchemy's asynchronous part comes its whole ORM, a quarter of a second: only where used."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - see above

    return create_async_engine(address.url, **options)


def sqlite_engine(
    path: str, busy_seconds: float, *, begin: str, connections: int = 1, foreign_keys: bool = True
) -> Engine:
    """Durable, strict and overwriting what is deleted; transactions begin as told, not as the driver guesses."""
    engine = create_engine(
        URL.create("sqlite", database=path),
        connect_args={"isolation_level": None, "timeout": busy_seconds, "cached_statements": 256},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_reset_on_return=None,
        hide_parameters=True,
    )

    def on_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.execute("PRAGMA cache_size=-16384")
        finally:
            cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def guard_words(connection: Connection, *, forgetting: bool) -> None:
    """Whatever keeps words and whatever forgets them never run at once, over all processes.

    SQLite has a single writer anyway. On PostgreSQL several may keep at a time, and forgetting waits for them; without
    this, words that a turn was about to save would outlive their deletion.
    """
    if connection.dialect.name == "postgresql":
        call = "pg_advisory_xact_lock" if forgetting else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {call}(:key)"), {"key": _WORDS_LOCK})

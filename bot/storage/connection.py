"""Transactions: work is a plain function of a connection, and is run whole or not at all.

SQLite has one writer, so one long-lived connection writes, in the order of arrival, and others read beside it (WAL).
Every write begins with BEGIN IMMEDIATE: a transaction that would turn from reading to writing could deadlock. On
PostgreSQL both are one pool. The functions run in the driver's greenlet, where each statement leaves the loop free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.address import Address
from bot.storage.failures import FAILURES, explain, is_a_fault_of_ours, is_passing

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_SECONDS = 5.0
"""How long a statement waits for another program's lock."""
WAIT_SECONDS = 30.0
"""How long a transaction waits for its turn."""
STATEMENT_SECONDS = 60.0
READERS = 3
POSTGRES_CONNECTIONS = 5
ATTEMPTS = 3
"""How often a transaction is tried when PostgreSQL breaks a deadlock."""
_WORDS_LOCK = 0x43_41_4C_41_4E_51_55_45


class Connections:
    """The connections of one store. Raises DatabaseUnusable, and works again when the cause is gone."""

    def __init__(self, address: Address, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.address = address
        if address.postgres:
            self.writer = self.reader = _postgres_engine(address)
        else:
            self.writer = _sqlite_engine(address, busy_seconds, begin="BEGIN IMMEDIATE", connections=1)
            self.reader = _sqlite_engine(address, busy_seconds, begin="BEGIN", connections=READERS)

    async def write(self, work: Work[T]) -> T:
        return await self._finish(self.writer, work)

    async def read(self, work: Work[T]) -> T:
        return await self._finish(self.reader, work)

    async def close(self) -> None:
        for engine in {self.writer, self.reader}:
            await engine.dispose()

    async def _finish(self, engine: AsyncEngine, work: Work[T]) -> T:
        """A transaction that has begun is finished, also when its caller is cancelled: what it did is then known."""
        running = asyncio.ensure_future(self._attempt(engine, work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # Bounded by the busy time-out, the statement time-out and the wait for a connection.
            while not running.done():
                try:
                    await asyncio.wait([running])
                except asyncio.CancelledError:
                    continue
            if not running.cancelled():
                running.exception()
            raise

    async def _attempt(self, engine: AsyncEngine, work: Work[T]) -> T:
        attempt = 1
        while True:
            try:
                return await _transact(engine, work)
            except FAILURES as error:
                if is_a_fault_of_ours(error):
                    raise
                if not is_passing(error) or attempt >= ATTEMPTS:
                    raise explain(error, self.address) from None
                attempt += 1


async def _transact(engine: AsyncEngine, work: Work[T]) -> T:
    connection: AsyncConnection
    async with engine.connect() as connection:
        try:
            async with connection.begin():
                return await connection.run_sync(work)
        except FAILURES as error:
            # A connection that was opened while a file was read-only stays so; the next transaction gets a new one.
            if not connection.closed and not is_a_fault_of_ours(error):
                await connection.invalidate()
            raise


def _sqlite_engine(address: Address, busy_seconds: float, *, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        address.url,
        connect_args={"isolation_level": None, "timeout": busy_seconds, "cached_statements": 256},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    prepare_sqlite(engine.sync_engine, begin=begin)
    return engine


def prepare_sqlite(engine: Engine, *, begin: str, foreign_keys: bool = True) -> None:
    """Durable, strict and overwriting what is deleted; transactions begin as told, not as the driver guesses."""

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


def _postgres_engine(address: Address) -> AsyncEngine:
    return create_async_engine(
        address.url,
        connect_args={"timeout": WAIT_SECONDS, "command_timeout": STATEMENT_SECONDS} | dict(address.url.query),
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        # A connection may have died with the server since it was last used.
        pool_pre_ping=True,
        hide_parameters=True,
    )


def guard_words(connection: Connection, *, forgetting: bool) -> None:
    """Whatever keeps words and whatever forgets them never run at once, over all processes.

    SQLite has a single writer anyway. On PostgreSQL several may keep at a time, and forgetting waits for them; without
    this, words that a turn was about to save would outlive their deletion.
    """
    if connection.dialect.name == "postgresql":
        call = "pg_advisory_xact_lock" if forgetting else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {call}(:key)"), {"key": _WORDS_LOCK})

"""Transactions: work is a plain function of a connection, and is run whole or not at all.

On SQLite it runs in threads of our own (`threads`), in the order of arrival. On PostgreSQL the same functions run in
the async driver's greenlet, over a few connections beside each other, whose commits the server groups by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.util import await_only

from bot.storage.address import Address
from bot.storage.failures import explain, failures, is_a_fault_of_ours, is_passing
from bot.storage.threads import BUSY_SECONDS, WAIT_SECONDS, Threads, sqlite_engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
Work = Callable[[Connection], T]

__all__ = ["BUSY_SECONDS", "STATEMENT_SECONDS", "WAIT_SECONDS", "Connections", "server_engine", "sqlite_engine"]

STATEMENT_SECONDS = 60.0
POSTGRES_CONNECTIONS = 5
ATTEMPTS = 3
"""How often a transaction is tried when PostgreSQL breaks a deadlock."""
_WORDS_LOCK = 0x43_41_4C_41_4E_51_55_45


class _Backend(Protocol):
    async def run(self, work: Work[T], *, writing: bool, alone: bool) -> T: ...
    async def close(self) -> None: ...


class Connections:
    """The connections of one store. Raises DatabaseUnusable, and works again when the cause is gone."""

    def __init__(self, address: Address, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.address = address
        self._backend: _Backend = _Server(address) if address.path is None else Threads(str(address.path), busy_seconds)

    async def write(self, work: Work[T], *, alone: bool = False) -> T:
        """Returns when what it did is durable; where it raises, nothing of it is there.

        `alone`: shares its transaction with no other work. For what takes long: others would wait for its end.
        """
        return await _to_the_end(self._attempt(work, writing=True, alone=alone))

    async def read(self, work: Work[T], *, alone: bool = False) -> T:
        """`alone`: sees one moment from its first look to its last, whatever others write. On SQLite each one does."""
        return await _to_the_end(self._attempt(work, writing=False, alone=alone))

    async def close(self) -> None:
        await self._backend.close()

    async def _attempt(self, work: Work[T], *, writing: bool, alone: bool = False) -> T:
        attempt = 1
        while True:
            try:
                return await self._backend.run(work, writing=writing, alone=alone)
            except failures() as error:
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
        self._still = self._engine.execution_options(isolation_level="REPEATABLE READ")

    async def run(self, work: Work[T], *, writing: bool, alone: bool) -> T:
        connection: AsyncConnection
        async with (self._still if alone and not writing else self._engine).connect() as connection, connection.begin():
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


def server_engine(address: Address, **options: Any) -> AsyncEngine:
    """PostgreSQL's. With SQLAlchemy's asynchronous part comes its whole ORM, a quarter of a second: only where used."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - see above

    return create_async_engine(address.url, **options)


def aside(connection: Connection, work: Callable[[], T]) -> T:
    """What `work` returns, which asks nothing of the database and may take a while, in the midst of a transaction.

    On PostgreSQL transactions run on the event loop, and this goes to a thread. On SQLite they are in one already.
    """
    return work() if connection.dialect.name == "sqlite" else await_only(asyncio.to_thread(work))


def guard_words(connection: Connection, *, forgetting: bool) -> None:
    """Whatever keeps words and whatever forgets them never run at once, over all processes.

    SQLite has a single writer anyway. On PostgreSQL several may keep at a time, and forgetting waits for them; without
    this, words that a turn was about to save would outlive their deletion.
    """
    if connection.dialect.name == "postgresql":
        call = "pg_advisory_xact_lock" if forgetting else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {call}(:key)"), {"key": _WORDS_LOCK})

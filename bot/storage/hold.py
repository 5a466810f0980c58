"""One process a shard set: a lock that dies with its process, however that ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, text

from bot.errors import AlreadyRunning
from bot.ports import Clock
from bot.storage.address import Address
from bot.storage.connection import STATEMENT_SECONDS, WAIT_SECONDS, server_engine
from bot.storage.failures import explain, failures

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LOOK_SECONDS = 5.0
"""How often the lock on a server is looked after."""

_TAKE = text("SELECT pg_try_advisory_lock(:key), pg_backend_pid()")
_HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32) | objid::bigint = :key"
)
"""A lock of one number appears there in two halves (PostgreSQL's manual, "pg_locks")."""

log = logging.getLogger(__name__)

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        # Far behind the process number, which others may then still read.
        os.lseek(file, 1 << 20, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _refusal(shards: str, address: Address, who: str = "") -> AlreadyRunning:
    return AlreadyRunning(
        f"Another process{who} already serves shards {shards} on the database {address.label}. Stop it first, or give "
        "this one a database of its own (DATA_DIR or DATABASE_URL)."
    )


@asynccontextmanager
async def hold(address: Address, shards: str, *, clock: Clock) -> AsyncGenerator[None]:
    """Raises AlreadyRunning, DatabaseUnusable. Where the lock is lost to another process, what the caller's task does
    inside is cancelled, and AlreadyRunning comes out."""
    holding = (
        _hold_server(address, shards, clock) if address.path is None else _hold_file(address, address.path, shards)
    )
    async with holding:
        yield


@asynccontextmanager
async def _hold_file(address: Address, database: Path, shards: str) -> AsyncGenerator[None]:
    name = hashlib.sha256(shards.encode()).hexdigest()[:12]
    path = database.with_name(f"{database.name}.{name}.lock")
    file = await asyncio.to_thread(_take, path, address, shards)
    try:
        yield
    finally:
        # The file stays: removing it would let two processes hold locks on two files of one name.
        await asyncio.to_thread(os.close, file)


def _take(path: Path, address: Address, shards: str) -> int:
    try:
        # The program holds its place before the database is made.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise explain(error, address) from None
    try:
        _lock(file)
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, str(os.getpid()).encode())
    except OSError:
        os.lseek(file, 0, os.SEEK_SET)
        number = os.read(file, 20).decode("ascii", "replace").strip()
        os.close(file)
        raise _refusal(shards, address, f" ({number})" if number.isdigit() else "") from None
    except BaseException:
        os.close(file)
        raise
    return file


@asynccontextmanager
async def _hold_server(address: Address, shards: str, clock: Clock) -> AsyncGenerator[None]:
    """A session lock: the server frees it when the connection ends, also when the process was killed."""
    engine = server_engine(
        address,
        connect_args={"timeout": WAIT_SECONDS, "command_timeout": STATEMENT_SECONDS},
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    lock = _SessionLock(
        engine, int.from_bytes(hashlib.sha256(f"calanque shards {shards}".encode()).digest()[:8], signed=True)
    )
    try:
        try:
            taken = await lock.take()
        except failures() as error:
            raise explain(error, address) from None
        if not taken:
            raise _refusal(shards, address)
        async with _ended_with(_keep(lock, address, shards, clock)):
            yield
    finally:
        await lock.leave()
        await engine.dispose()


@asynccontextmanager
async def _ended_with(keep: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Cancels the body when `keep` fails, and raises what it failed with."""
    body = asyncio.current_task()
    assert body is not None
    keeping = asyncio.create_task(keep)
    interrupted = False

    def failed(task: asyncio.Task[None]) -> None:
        nonlocal interrupted
        if not task.cancelled() and task.exception() is not None:
            interrupted = True
            body.cancel()

    keeping.add_done_callback(failed)
    try:
        try:
            yield
        finally:
            keeping.remove_done_callback(failed)
            keeping.cancel()
            await asyncio.wait([keeping])
    except asyncio.CancelledError:
        if not interrupted or body.uncancel() > 0:
            raise
    if not keeping.cancelled():
        keeping.result()


class _SessionLock:
    """A lock on a server that lives as long as one connection."""

    def __init__(self, engine: AsyncEngine, key: int) -> None:
        self._engine = engine
        self._key = key
        self._connection: AsyncConnection | None = None
        self._session = 0

    async def take(self) -> bool:
        """With a new connection; whether it is ours now. Raises one of `failures`."""
        await self.leave()
        self._connection = await self._engine.connect()
        found = await self._connection.execute(_TAKE, {"key": self._key})
        taken, session = found.one()
        if taken:
            self._session = session
        return taken

    async def is_haunted(self) -> bool:
        """Whether what keeps us from it is our own last connection, whose end the server has not noticed yet."""
        if self._connection is None:
            return False
        return (await self._connection.execute(_HOLDER, {"key": self._key})).scalar() == self._session

    async def stands(self) -> bool:
        try:
            if self._connection is not None:
                await self._connection.execute(text("SELECT 1"))
        except failures():
            return False
        return self._connection is not None

    async def leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*failures()):  # it may have ended with its server
                await connection.close()


async def _keep(lock: _SessionLock, address: Address, shards: str, clock: Clock) -> None:
    """Until cancelled: a server that was restarted knows nothing of the lock, so it is taken again.

    Raises AlreadyRunning where another process was faster: two would answer everybody twice.
    """
    ours = True
    while True:
        await clock.sleep(LOOK_SECONDS)
        if ours and await lock.stands():
            continue
        try:
            ours = await lock.take()
            haunted = not ours and await lock.is_haunted()
        except failures():
            ours = False
            continue
        if ours:
            log.warning("The database was away; shards %s are held again", shards)
        elif haunted:
            log.warning("The database still keeps the connection that it lost; shards %s are held again later", shards)
        else:
            log.error("While the database was away, another process has begun to serve shards %s", shards)
            raise _refusal(shards, address)

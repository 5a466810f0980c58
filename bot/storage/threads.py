"""SQLite: whole transactions in threads of our own.

SQLite has one writer, so one thread with one long-lived connection writes, in the order of arrival, and a few others
read beside it (WAL). A whole transaction is one trip to its thread: a trip a statement, as async drivers make it, was
four times slower (docs/decisions/0002). Every write begins with BEGIN IMMEDIATE: a transaction that turned from reading
to writing could deadlock.

**Group commit.** What a commit costs is waiting for the disk, so works that arrive while one is committed share the
next one: one transaction, each work in a savepoint of its own, one commit. Callers are told only then. So a caller
that returned has its writing on the disk, and one that got an error has nothing of it there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.failures import TransactionLost, failures, is_a_fault_of_ours

T = TypeVar("T")

BUSY_SECONDS = 5.0
"""How long a statement waits for another program's lock on SQLite."""
WAIT_SECONDS = 30.0
"""How long a transaction waits for its turn, or for a connection to a server."""
READERS = 2
GROUP = 64
"""Works that share one commit, at most."""
GROUP_SECONDS = 0.01
"""A group that has worked so long is committed; what else waits comes with the next."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A work that waits for its turn, and whoever waits for it."""

    work: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    alone: bool
    since: float = field(default_factory=monotonic)

    def late(self) -> bool:
        return monotonic() - self.since > WAIT_SECONDS


_Outcome = tuple[_Asked, Any, BaseException | None]


class Threads:
    """The connections to one file, for callers of one event loop."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._writer = sqlite_engine(path, busy_seconds, begin="BEGIN IMMEDIATE", connections=1)
        self._reader = sqlite_engine(path, busy_seconds, begin="BEGIN", connections=READERS)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="calanque-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="calanque-read")
        self._asked: deque[_Asked] = deque()

    async def run(self, work: Callable[[Connection], T], *, writing: bool, alone: bool) -> T:
        loop = asyncio.get_running_loop()
        asked = _Asked(work, loop.create_future(), alone)
        if not writing:
            return await loop.run_in_executor(self._reading, self._read, asked)
        self._asked.append(asked)
        try:
            # As many errands as works: one that finds its work done by an earlier one has nothing to do.
            self._writing.submit(self._write)
        except BaseException:
            self._asked.remove(asked)
            raise
        return await asked.done

    async def close(self) -> None:
        def close() -> None:
            for executor in (self._reading, self._writing):
                executor.shutdown(wait=True)
            for engine in (self._reader, self._writer):
                engine.dispose()

        await asyncio.to_thread(close)

    def _read(self, asked: _Asked) -> Any:
        return _alone(self._reader, asked)

    def _write(self) -> None:
        """In the writer's thread: all that waits, as far as it fits into one group."""
        if not self._asked:
            return
        first = self._asked.popleft()
        outcomes: list[_Outcome] = []
        try:
            if first.alone or not self._asked or self._asked[0].alone:
                outcomes = [_tried(self._writer, first)]
            else:
                outcomes = self._together(first)
        except BaseException as error:
            outcomes = [(first, None, error)]
            raise
        finally:
            loop = first.done.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, outcomes)

    def _together(self, first: _Asked) -> list[_Outcome]:
        began, group = monotonic(), list[_Asked]()
        try:
            return self._grouped(first, group)
        except failures() as error:
            if group:
                # Nothing of it is written. Whichever met with the failure, the others may still be possible.
                return [_tried(self._writer, asked) for asked in group]
            # It could not even begin. Whoever has waited as long hears of it, too, and not one after the other.
            while self._asked and self._asked[0].since <= began and len(group) < GROUP:
                group.append(self._asked.popleft())
            return [(asked, None, error) for asked in (first, *group)]
        except BaseException as error:
            return [(asked, None, error) for asked in group or [first]]

    def _grouped(self, first: _Asked, group: list[_Asked]) -> list[_Outcome]:
        """What joins is taken into `group`, in the order of arrival. Raises `failures` when nothing is written."""
        outcomes: list[_Outcome] = []
        with self._writer.connect() as connection:
            try:
                with connection.begin():
                    began, asked = monotonic(), first
                    while True:
                        group.append(asked)
                        outcomes.append(_in_savepoint(connection, asked))
                        if len(group) >= GROUP or monotonic() - began > GROUP_SECONDS:
                            break
                        if not self._asked or self._asked[0].alone:
                            break
                        asked = self._asked.popleft()
            except failures():
                if not connection.closed:
                    connection.invalidate()
                raise
        return outcomes


def _in_savepoint(connection: Connection, asked: _Asked) -> _Outcome:
    """One work of a group. Raises `failures` where the whole transaction has become useless."""
    if asked.late():
        return asked, None, PoolTimeout()
    execute = _driver(connection).execute
    execute("SAVEPOINT work")
    result, failure = None, None
    try:
        result = asked.work(connection)
    except Exception as error:
        if isinstance(error, failures()) and not is_a_fault_of_ours(error):
            raise
        failure = error
    _require_whole(connection)
    if failure is not None:
        execute("ROLLBACK TO work")
    execute("RELEASE work")
    return asked, result, failure


def _tried(engine: Engine, asked: _Asked) -> _Outcome:
    try:
        return asked, _alone(engine, asked), None
    except Exception as error:
        return asked, None, error


def _alone(engine: Engine, asked: _Asked) -> Any:
    if asked.late():
        raise PoolTimeout
    with engine.connect() as connection:
        try:
            with connection.begin():
                result = asked.work(connection)
                _require_whole(connection)
                return result
        except failures() as error:
            # One that was opened while its file was read-only stays so; the next transaction gets a new one. And a
            # commit that was refused has not ended its transaction.
            if not connection.closed and (not is_a_fault_of_ours(error) or _driver(connection).in_transaction):
                connection.invalidate()
            raise


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver


def _require_whole(connection: Connection) -> None:
    """SQLite takes a whole transaction back by itself at some errors, such as a full disk: what a work that went on
    has written then is not there. Source: "Response To Errors Within A Transaction", lang_transaction.html."""
    if not _driver(connection).in_transaction:
        raise TransactionLost


def _tell(outcomes: Sequence[_Outcome]) -> None:
    for asked, result, error in outcomes:
        if asked.done.done():
            continue
        if error is None:
            asked.done.set_result(result)
        else:
            asked.done.set_exception(error)


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

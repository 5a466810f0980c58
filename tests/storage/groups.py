"""Works that wait for SQLite's writer at the same time."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from bot.settings import Database
from bot.storage.address import FILE_NAME, find
from bot.storage.connection import Connections

TABLES = (
    "notes (n INTEGER PRIMARY KEY, word TEXT)",
    "follow (n INTEGER REFERENCES notes DEFERRABLE INITIALLY DEFERRED)",
)
Work = Callable[[Connection], None]


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Connections]:
    connections = Connections(find(Database(), folder), busy_seconds=0.05)
    try:
        for table in TABLES:
            await connections.write(lambda c, table=table: c.exec_driver_sql(f"CREATE TABLE {table}"))
        yield connections
    finally:
        await connections.close()


@asynccontextmanager
async def writer_busy(connections: Connections) -> AsyncGenerator[None]:
    """What is asked for meanwhile waits, and begins when this ends."""
    begun, go_on = threading.Event(), threading.Event()

    def busy(_connection: Connection) -> None:
        begun.set()
        assert go_on.wait(10)

    task = asyncio.create_task(connections.write(busy, alone=True))
    await asyncio.to_thread(begun.wait, 30)
    try:
        yield
    finally:
        go_on.set()
        await task


@contextmanager
def counted(what: str) -> Generator[list[int]]:
    """One item each time that a transaction comes to this."""
    met: list[int] = []

    def on(_connection: Connection) -> None:
        met.append(1)

    event.listen(Engine, what, on)
    try:
        yield met
    finally:
        event.remove(Engine, what, on)


def note(n: int, word: str = "ahoy") -> Work:
    return lambda c: void(c.exec_driver_sql("INSERT INTO notes VALUES (?, ?)", (n, word)))


def void(_: object) -> None:
    return None


def notes(folder: Path) -> list[int]:
    """As another program reads them."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as other:
        return [n for (n,) in other.execute("SELECT n FROM notes ORDER BY n")]


async def together(
    connections: Connections, *works: Work, alone: frozenset[int] = frozenset()
) -> list[BaseException | None]:
    """What each of them, that all wait at once, raises."""
    async with writer_busy(connections):
        tasks = [asyncio.create_task(connections.write(w, alone=n in alone)) for n, w in enumerate(works)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)

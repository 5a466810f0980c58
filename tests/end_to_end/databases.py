"""What other programs and disks do to a SQLite database while the program runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Pool, event

from bot.storage.address import FILE_NAME

_WRITE_VERSION = 18
"""Where a SQLite file says which version may write to it; 2 is today's. Source: "Database File Format", 1.3.4."""


_HEAD = 100
_MOST_PAGES = 2**32 - 2


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Another program, such as a database browser, holds the database."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


@contextmanager
def read_only(folder: Path) -> Generator[None]:
    """The file may only be read, by anyone, by root too: it says that only a later SQLite may write to it."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as other:
        # Whoever has it open reads its head again after a change, from the file if no log is left.
        other.execute("create table passing (word)")
        other.execute("drop table passing")
        assert other.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0
    _allow(folder, 3)
    yield
    _allow(folder, 2)


def _allow(folder: Path, version: int) -> None:
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek(_WRITE_VERSION)
        file.write(bytes([version]))


@contextmanager
def full(folder: Path) -> Generator[None]:
    """The disk has no room left: the file cannot grow by a page, for any user."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as other:
        other.execute("vacuum")  # or free pages inside it would be taken
        pages: int = other.execute("pragma page_count").fetchone()[0]

    def limit(driver: Any, *_: object) -> None:
        driver.execute(f"pragma max_page_count={pages}")

    def lift(driver: Any, *_: object) -> None:
        if driver is not None:
            driver.execute(f"pragma max_page_count={_MOST_PAGES}")

    event.listen(Pool, "checkout", limit)
    event.listen(Pool, "checkin", lift)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", limit)
        event.remove(Pool, "checkin", lift)


@contextmanager
def damaged(folder: Path) -> Generator[None]:
    """All but the head of the file is overwritten, and put back at the end."""
    database = folder / FILE_NAME
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        # Whoever has it open reads its pages again after a change, from the file if no log is left.
        other.execute("create table passing (word)")
        other.execute("drop table passing")
        assert other.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0
    whole = database.read_bytes()
    _overwrite(database, whole[:_HEAD] + b"\xff" * (len(whole) - _HEAD))
    yield
    _overwrite(database, whole)


def _overwrite(database: Path, data: bytes) -> None:
    with database.open("r+b") as file:
        file.write(data)

"""What other programs and disks do to a SQLite database while the program runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.storage.address import FILE_NAME

_WRITE_VERSION = 18
"""Where a SQLite file says which version may write to it; 2 is today's. Source: "Database File Format", 1.3.4."""


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

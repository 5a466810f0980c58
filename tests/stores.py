"""Stores for tests: fresh ones begin as a copy of a database with today's tables, much faster than by migrating."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from bot.ports import Clock
from bot.settings import Database
from bot.storage import migrate as migrating
from bot.storage.address import FILE_NAME, find
from bot.storage.connection import BUSY_SECONDS
from bot.storage.migrate import migrate, scripts_folder
from bot.storage.store import SqlStore
from bot.storage.store import open_store as open_migrated

WAIT_SECONDS = 100
"""Longest wait for another test process that lays the same tables."""


@cache
def _tables() -> bytes:
    """A SQLite file with today's tables and no rows: laid once per machine and change of the migrations."""
    stamp = hashlib.sha256()
    for source in sorted((*scripts_folder().rglob("*.py"), *Path(migrating.__file__).parent.glob("*.py"))):
        stamp.update(source.read_bytes())
    for library in ("alembic", "sqlalchemy"):
        stamp.update(version(library).encode())
    kept = Path(tempfile.gettempdir(), f"calanque-tables-{os.getuid()}-{stamp.hexdigest()[:16]}.sqlite3")
    with FileLock(kept.with_suffix(".lock"), timeout=WAIT_SECONDS):
        if not kept.exists():
            draft = kept.with_suffix(".draft")
            draft.write_bytes(_laid())
            draft.replace(kept)
        return kept.read_bytes()


def _laid() -> bytes:
    with tempfile.TemporaryDirectory(prefix="calanque-tables-") as folder:

        async def make() -> None:
            await migrate(Database(), Path(folder))

        with ThreadPoolExecutor(1) as apart:  # whoever asks may have a loop of their own in theirs
            apart.submit(lambda: asyncio.run(make())).result()
        return (Path(folder) / FILE_NAME).read_bytes()


def with_tables(folder: Path, settings: Database | None = None) -> Path:
    """The same folder; where it has no database yet, and the settings name no other, one with today's tables."""
    path = find(settings or Database(), folder).path
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_tables())
    return folder


@asynccontextmanager
async def open_store(
    settings: Database, folder: Path, *, clock: Clock, busy_seconds: float = BUSY_SECONDS
) -> AsyncGenerator[SqlStore]:
    """As the program opens one; a fresh SQLite file has its tables already."""
    await asyncio.to_thread(with_tables, folder, settings)
    async with open_migrated(settings, folder, clock=clock, busy_seconds=busy_seconds) as store:
        yield store

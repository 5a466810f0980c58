"""`python -m migrations.check`: do the revisions make exactly the tables of `bot/storage/tables.py`? Exit 1 if not."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, NullPool, create_engine

from bot.settings import Database
from bot.storage.address import FILE_NAME
from bot.storage.migrate import migrate
from bot.storage.tables import metadata


def differences(folder: Path) -> list[Any]:
    """What a fresh database in `folder` has otherwise than the tables say; empty if nothing."""
    asyncio.run(migrate(Database(), folder))
    engine = create_engine(URL.create("sqlite", database=str(folder / FILE_NAME)), poolclass=NullPool)
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = differences(Path(folder))
    for one in found:
        sys.stderr.write(f"migrations and tables differ: {one!r}\n")
    if found:
        sys.stderr.write("Write a revision with `python -m migrations.new 'what it does'`.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""A process that brings a database up to date: `python -m tests.storage.migrating DATA_DIR SCRIPTS`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.settings import Database
from bot.storage.migrate import migrate

if __name__ == "__main__":
    asyncio.run(migrate(Database(), Path(sys.argv[1]), scripts=Path(sys.argv[2])))

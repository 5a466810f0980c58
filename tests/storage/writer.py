"""A process that writes as fast as it can, many at a time, and tells what it was told is written: one number a line."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from bot.settings import Database
from bot.storage.address import find
from bot.storage.connection import Connections

AT_ONCE = 40


async def write(folder: Path) -> None:
    connections, numbers = Connections(find(Database(), folder)), count()

    async def writer() -> None:
        while True:
            n = next(numbers)
            await connections.write(lambda c, n=n: c.exec_driver_sql("INSERT INTO notes VALUES (?, 'ahoy')", (n,)))
            os.write(1, b"%d\n" % n)

    await asyncio.gather(*(writer() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))

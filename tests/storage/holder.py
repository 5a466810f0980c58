"""Run as a process of its own: take the lock, say so, and hold it until killed or told to end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.errors import AlreadyRunning
from bot.settings import Database
from bot.storage.store import open_store
from tests.fakes import FakeClock


async def main(url: str, folder: str) -> int:
    settings = Database(url=SecretStr(url))
    async with open_store(settings, Path(folder), clock=FakeClock()) as store:
        try:
            async with store.hold("0"):
                print("held", flush=True)  # noqa: T201 (the test waits for this line)
                await asyncio.to_thread(sys.stdin.readline)
        except AlreadyRunning as error:
            print(error, flush=True)  # noqa: T201 (the test reads the refusal)
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2])))

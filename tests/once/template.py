"""What every history begins with."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from bot.storage.address import FILE_NAME
from bot.storage.store import open_store
from tests.fakes import FakeClock, said
from tests.once.discord import FakeDiscord
from tests.once.life import SETTINGS, Engine, Life


@cache
def template() -> Path:
    """A database in which the first question has been answered, so that GENERAL keeps a transcript."""
    folder = Path(tempfile.mkdtemp(prefix="calanque-once-"))

    async def make() -> None:
        clock = FakeClock()
        async with open_store(SETTINGS.database, folder, clock=clock) as store:
            platform = FakeDiscord(clock)
            platform.connected = True
            life = Life(store, platform, Engine(), clock)
            await life.begun()
            await life.does(life.rig.says(said("first w0w")))
            await life.rig.idle()
            await life.ends(killed=False)

    asyncio.run(make())
    return folder / FILE_NAME

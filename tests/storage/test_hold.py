"""The lock of a shard set, between real processes."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from bot.errors import AlreadyRunning
from tests.storage.homes import Home


@asynccontextmanager
async def holder(home: Home) -> AsyncGenerator[tuple[Process, str]]:
    """Another process that tries to hold the home's database, and the first line that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.holder",
        home.settings.url.get_secret_value(),
        str(home.data_dir),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdout
    try:
        yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_second_process_is_refused_until_the_first_is_killed(home: Home) -> None:
    async with home.open() as store, holder(home) as (first, said):
        assert said == "held"
        with pytest.raises(AlreadyRunning, match="already serves shards 0"):
            async with store.hold("0"):
                pass
        first.kill()
        await first.wait()
        # PostgreSQL notices the end of the connection by itself, a moment later.
        async with asyncio.timeout(10):
            await _held_at_last(home)


async def _held_at_last(home: Home) -> None:
    while True:
        async with holder(home) as (process, said):
            if said == "held":
                process.kill()
                return


async def test_a_process_that_is_refused_says_so_and_ends(home: Home) -> None:
    async with home.open() as store, store.hold("0"), holder(home) as (process, said):
        assert "already serves shards 0" in said
        assert await process.wait() == AlreadyRunning.exit_code


async def test_the_refusal_names_the_process_that_holds_the_file(sqlite_home: Home) -> None:
    async with sqlite_home.open() as store, holder(sqlite_home) as (process, _):
        with pytest.raises(AlreadyRunning, match=rf"Another process \({process.pid}\)"):
            async with store.hold("0"):
                pass

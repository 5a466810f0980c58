"""The lock of a shard set, between real processes."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy import NullPool

from bot.errors import AlreadyRunning
from bot.storage import hold
from bot.storage.address import find
from bot.storage.connection import server_engine
from tests.storage.homes import Home, Server
from tests.storage.test_postgres import name_of


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
        async with asyncio.timeout(30):
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


async def _cut(home: Home, server: Server) -> None:
    """The server ends all connections of the database, as when it is started again."""
    name = f"test_{name_of(home)}"
    await server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


async def test_whoever_lost_the_lock_to_another_process_ends(postgres_home: Home, postgres_server: Server) -> None:
    async with postgres_home.open() as store:

        async def serve() -> None:
            async with asyncio.timeout(30), store.hold("0"):
                await _cut(postgres_home, postgres_server)
                await _held_by_another(postgres_home)

        with pytest.raises(AlreadyRunning, match="already serves shards 0"):
            await serve()
        current = asyncio.current_task()
        assert current is not None
        assert current.cancelling() == 0


async def _held_by_another(home: Home) -> None:
    async with holder(home) as (_, said):
        assert said == "held"
        while True:
            await home.clock.advance(hold.LOOK_SECONDS)
            await asyncio.sleep(0.02)  # lets the server answer


async def test_a_lock_that_the_server_forgot_and_nobody_took_is_taken_again(
    postgres_home: Home, postgres_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with postgres_home.open() as store, store.hold("0"):
        await _cut(postgres_home, postgres_server)
        async with asyncio.timeout(30):
            while "shards 0 are held again" not in caplog.text:
                await postgres_home.clock.advance(hold.LOOK_SECONDS)
                await asyncio.sleep(0.02)  # lets the server answer
        async with holder(postgres_home) as (_, said):
            assert "already serves shards 0" in said


async def test_a_lock_that_our_own_lost_connection_still_has_is_waited_for(postgres_home: Home) -> None:
    engine = server_engine(find(postgres_home.settings, postgres_home.data_dir), poolclass=NullPool)
    lock = hold._SessionLock(engine, -7)  # pyright: ignore[reportPrivateUsage]
    other = hold._SessionLock(engine, -7)  # pyright: ignore[reportPrivateUsage]
    try:
        assert await lock.take()
        lost, lock._connection = lock._connection, None  # pyright: ignore[reportPrivateUsage]
        assert (await lock.take(), await lock.is_haunted()) == (False, True)
        assert (await other.take(), await other.is_haunted()) == (False, False)
        assert lost is not None
        await lost.close()
    finally:
        await lock.leave()
        await other.leave()
        await engine.dispose()


async def test_a_lost_lock_comes_out_of_everything_that_runs_inside() -> None:
    ended: list[str] = []

    async def part() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("part")

    async def lose() -> None:
        raise AlreadyRunning

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(hold._ended_with(lose()))  # pyright: ignore[reportPrivateUsage]
            async with asyncio.TaskGroup() as group:
                group.create_task(part())
                await asyncio.Event().wait()

    with pytest.raises(AlreadyRunning):
        await asyncio.wait_for(serve(), 30)
    assert ended == ["part"]

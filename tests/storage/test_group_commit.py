"""Works that wait for SQLite's writer share a commit, and none of them suffers from what happens to another."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.errors import DatabaseUnusable, UserError
from bot.storage import threads
from bot.storage.address import FILE_NAME
from bot.storage.threads import GROUP
from tests.house import ROOT
from tests.storage.groups import Work, counted, note, notes, opened, together, writer_busy


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine does not end groups by the clock."""
    monkeypatch.setattr(threads, "GROUP_SECONDS", 60.0)


async def test_what_waits_shares_commits_of_bounded_size_in_the_order_of_arrival(tmp_path: Path) -> None:
    order: list[int] = []

    def noting(n: int) -> Work:
        return lambda c: (order.append(n), note(n)(c))[1]

    async with opened(tmp_path) as connections:
        with counted("commit") as made:
            works = [noting(n) for n in range(2 * GROUP)]
            assert await together(connections, *works) == [None] * 2 * GROUP
        assert order == list(range(2 * GROUP))
        assert len(made) == 3  # with that of the one that kept the writer busy
    assert notes(tmp_path) == order


async def test_a_group_that_has_worked_for_long_is_committed_and_the_rest_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "GROUP_SECONDS", 0.0)
    async with opened(tmp_path) as connections:
        with counted("commit") as made:
            await together(connections, *(note(n) for n in range(5)))
        assert len(made) == 6
    assert notes(tmp_path) == list(range(5))


async def test_whoever_is_told_finds_it_written_for_everybody(tmp_path: Path) -> None:
    async with opened(tmp_path) as connections:

        async def one(n: int) -> bool:
            await connections.write(note(n))
            return n in await asyncio.to_thread(notes, tmp_path)

        assert all(await asyncio.gather(*(one(n) for n in range(50))))


async def test_commits_are_synchronised_to_the_disk(tmp_path: Path) -> None:
    async with opened(tmp_path) as connections:
        for run in (connections.write, connections.read):
            assert await run(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar()) == 2  # FULL
            assert await run(lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"


async def test_an_error_takes_back_its_own_work_and_no_other(tmp_path: Path) -> None:
    def refused(connection: Connection) -> None:
        note(2)(connection)
        raise UserError("no")

    def twice(connection: Connection) -> None:
        note(3)(connection)
        note(1)(connection)

    async with opened(tmp_path) as connections:
        with counted("commit") as made:
            first, second, third, fourth = await together(connections, note(1), refused, twice, note(4))
        assert (first, fourth) == (None, None)
        assert isinstance(second, UserError)
        assert isinstance(third, IntegrityError)
        assert len(made) == 2
    assert notes(tmp_path) == [1, 4]


async def test_one_that_makes_the_commit_itself_fail_fails_alone(tmp_path: Path) -> None:
    def orphan(connection: Connection) -> None:
        note(2)(connection)
        connection.exec_driver_sql("INSERT INTO follow VALUES (99)")

    async with opened(tmp_path) as connections:
        results = await together(connections, note(1), orphan, note(3))
        assert [type(result) for result in results] == [type(None), IntegrityError, type(None)]
    assert notes(tmp_path) == [1, 3]


async def test_one_that_finds_the_disk_full_fails_alone_and_the_others_are_written(tmp_path: Path) -> None:
    def too_much(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=20")
        note(2, "x" * 1_000_000)(connection)

    def swallowing(connection: Connection) -> None:
        """Goes on as if nothing had happened, with a transaction that SQLite has taken back."""
        note(5)(connection)
        connection.connection.driver_connection.execute("ROLLBACK")  # pyright: ignore[reportOptionalMemberAccess]

    async with opened(tmp_path) as connections:
        results = await together(connections, note(1), too_much, note(3), swallowing, note(4))
        assert [type(result) for result in results] == [
            *(type(None), DatabaseUnusable, type(None)),
            *(DatabaseUnusable, type(None)),
        ]
        assert "the disk is full" in str(results[1])
        await connections.write(note(6))
    assert notes(tmp_path) == [1, 3, 4, 6]


async def test_a_lock_is_waited_for_once_by_all_who_wait_and_then_they_write(tmp_path: Path) -> None:
    async with opened(tmp_path) as connections:
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with counted("begin") as begun:
                writes = (connections.write(note(n)) for n in range(20))
                results = await asyncio.gather(*writes, return_exceptions=True)
            assert all(isinstance(result, DatabaseUnusable) for result in results)
            assert len(begun) <= 3
            other.execute("ROLLBACK")
        assert await together(connections, note(1), note(2)) == [None, None]
    assert notes(tmp_path) == [1, 2]


async def test_one_that_may_take_long_shares_its_commit_with_nobody(tmp_path: Path) -> None:
    seen: list[list[int]] = []

    def looking(n: int) -> Work:
        return lambda c: (note(n)(c), seen.append(notes(tmp_path)))[0]

    async with opened(tmp_path) as connections:
        await together(connections, *(looking(n) for n in range(5)), alone=frozenset({2}))
    assert seen == [[], [], [0, 1], [0, 1, 2], [0, 1, 2]]


async def test_what_has_waited_too_long_for_its_turn_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as connections:
        async with writer_busy(connections):
            tasks = [asyncio.create_task(connections.write(note(n))) for n in range(3)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            monkeypatch.setattr(threads, "WAIT_SECONDS", 0.0)
        for task in tasks:
            with pytest.raises(DatabaseUnusable, match="did not finish earlier work in time"):
                await task
        monkeypatch.undo()
        await connections.write(note(9))
    assert notes(tmp_path) == [9]


async def test_whoever_is_cancelled_waits_for_its_end_and_the_others_are_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as connections:
        async with writer_busy(connections):
            first, second = (asyncio.create_task(connections.write(note(n))) for n in (1, 2))
            await asyncio.sleep(0)
            first.cancel()
        assert await second is None
        with pytest.raises(asyncio.CancelledError):
            await first
    assert notes(tmp_path) == [1, 2]


async def test_a_process_that_is_killed_while_many_write_has_kept_all_that_it_was_told_of(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.writer", str(tmp_path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = [int(await process.stdout.readline()) for _ in range(500)]
    process.kill()
    told += [int(line) for line in (await process.stdout.read()).split(b"\n")[:-1]]
    await process.wait()
    kept = set(notes(tmp_path))
    assert len(told) >= 500
    assert kept.issuperset(told)

"""What can happen to a SQLite file at any moment: a kill, a copy that tore, damage. What was written stays."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.errors import DatabaseUnusable
from bot.settings import Database
from bot.storage.address import FILE_NAME
from bot.storage.migrate import migrate
from tests.end_to_end.databases import damaged, full
from tests.fakes import GENERAL, said
from tests.house import ROOT
from tests.storage.homes import Home
from tests.storage.test_migrate import LATEST, question, revisions

WAL = f"{FILE_NAME}-wal"
MESSAGES = 40


async def written(home: Home) -> list[str]:
    """The messages that another process finds, in their order, after it has brought the file up to date."""
    async with home.open() as store:
        entries = await store.entries(GENERAL, limit=2 * MESSAGES)
        assert await store.record(said("still here"), keep=True)
    return [entry.message.text for entry in entries if entry.message is not None]


async def test_a_process_killed_in_mid_migration_leaves_the_database_as_it_was_and_the_next_one_migrates_it(
    sqlite_home: Home, tmp_path: Path
) -> None:
    async with sqlite_home.open() as store:
        await store.record(said("before"), keep=True)
    stuck = revisions(tmp_path / "stuck", "import os, time; os.write(1, b'half way'); time.sleep(60)")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.migrating", str(tmp_path), str(stuck)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.read(8) == b"half way"
    process.kill()
    await process.wait()
    assert await written(sqlite_home) == ["before"]
    done = await migrate(Database(), tmp_path, scripts=revisions(tmp_path / "later", "pass"))
    assert (done.before, done.after) == (LATEST, "9001")
    rows = question(tmp_path / FILE_NAME, "SELECT extra_9001 FROM messages")
    assert len(rows) == 2


def _cut(log: bytes, random: Random) -> bytes:
    return log[: random.randrange(len(log))]


def _ends_in_garbage(log: bytes, random: Random) -> bytes:
    start = random.randrange(len(log))
    return log[:start] + random.randbytes(len(log) - start)


def _one_bit_flipped(log: bytes, random: Random) -> bytes:
    place = random.randrange(len(log))
    return log[:place] + bytes([log[place] ^ 1 << random.randrange(8)]) + log[place + 1 :]


def _grown(log: bytes, random: Random) -> bytes:
    return log + random.randbytes(random.randrange(1, 20_000))


@pytest.mark.parametrize("tear", [_cut, _ends_in_garbage, _one_bit_flipped, _grown])
async def test_of_a_copy_whose_log_tore_a_beginning_survives_and_no_garbage(
    sqlite_home: Home, tmp_path: Path, tear: Callable[[bytes, Random], bytes]
) -> None:
    texts = [f"line {n}" for n in range(MESSAGES)]
    random, lengths = Random(tear.__name__), list[int]()
    whole = tmp_path / "whole"
    async with sqlite_home.open() as store:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for text in texts:
            await store.record(said(text), keep=True)
        # While it is open, everything stands in the log.
        whole.mkdir()
        for name in (FILE_NAME, WAL):
            shutil.copy(tmp_path / name, whole / name)
    for n in range(6):
        torn = tmp_path / f"torn-{n}"
        shutil.copytree(whole, torn)
        (torn / WAL).write_bytes(tear((whole / WAL).read_bytes(), random))
        found = await written(Home(settings=Database(), data_dir=torn))
        assert found == texts[: len(found)]
        lengths.append(len(found))
    assert max(lengths) > 0
    assert lengths == [MESSAGES] * 6 or tear is not _grown


async def test_a_disk_that_fills_up_is_told_and_what_was_written_before_stays(sqlite_home: Home) -> None:
    async with sqlite_home.open() as store:
        await store.record(said("before"), keep=True)
        with full(sqlite_home.data_dir):
            with pytest.raises(DatabaseUnusable, match=r"the disk is full\. Make room; nothing is lost"):
                await store.record(said("x" * 100_000), keep=True)
            assert len(await store.entries(GENERAL, limit=10)) == 1
        assert await store.record(said("after"), keep=True)
    assert await written(sqlite_home) == ["before", "after"]


async def test_a_file_that_is_damaged_while_it_is_used_is_told_with_what_to_do(sqlite_home: Home) -> None:
    async with sqlite_home.open() as store:
        await store.record(said("before"), keep=True)
        with damaged(sqlite_home.data_dir), pytest.raises(DatabaseUnusable, match=r"damaged.*backups folder"):
            await store.record(said("meanwhile"), keep=True)
        assert await store.record(said("after"), keep=True)
    assert await written(sqlite_home) == ["before", "after"]

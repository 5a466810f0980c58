"""Databases of other versions, and the copy that is made before one is changed."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, Table

from bot.errors import DatabaseTooNew, DatabaseUnusable
from bot.settings import Database
from bot.storage import tables
from bot.storage.address import FILE_NAME, find
from bot.storage.connection import Connections
from bot.storage.migrate import config, migrate, newest, scripts_folder
from migrations.check import differences
from tests.fakes import said
from tests.storage.acts import answered
from tests.storage.homes import Home

_NEXT = """
from alembic import op
import sqlalchemy as sa
revision = "{number}"
down_revision = "{before}"
def upgrade():
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("extra_{number}", sa.Text()))
    {then}
"""


LATEST = newest(scripts_folder())
"""The revision of this version."""


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The revisions of this version and of a later one."""
    return revisions(tmp_path / "later", "pass")


def revisions(folder: Path, *then: str) -> Path:
    shutil.copytree(scripts_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    for number, statement in enumerate(then, start=9001):
        before = LATEST if number == 9001 else number - 1
        path = folder / "versions" / f"{number}.py"
        path.write_text(_NEXT.format(number=number, before=before, then=statement))
    return folder


def question(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    assert differences(tmp_path) == []


def test_the_revision_with_the_highest_number_is_the_last_of_one_chain(later: Path) -> None:
    for folder in (scripts_folder(), later):
        assert ScriptDirectory.from_config(config(folder)).get_heads() == [newest(folder)]


def test_a_table_without_a_migration_is_noticed(tmp_path: Path) -> None:
    extra = Table("extra", tables.metadata, Column("n", Integer, primary_key=True))
    try:
        assert "extra" in repr(differences(tmp_path))
    finally:
        tables.metadata.remove(extra)


async def test_a_new_database_is_made_for_this_user_alone_and_then_left_alone(sqlite_home: Home) -> None:
    folder = sqlite_home.data_dir / "not" / "yet"
    first = await migrate(Database(), folder)
    assert (first.before, first.changed, first.backup) == (None, True, None)
    again = await migrate(Database(), folder)
    assert (again.before, again.changed, again.backup) == (first.after, False, None)
    if os.name == "posix":
        assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


async def test_the_copy_made_before_a_migration_brings_everything_back(sqlite_home: Home, later: Path) -> None:
    message = said("before")
    async with sqlite_home.open() as store:
        await answered(store, message)
        # While another process has the database open, part of it stands in the write-ahead log.
        done = await migrate(Database(), sqlite_home.data_dir, scripts=later)
    assert (done.before, done.after) == (LATEST, "9001")
    database = sqlite_home.data_dir / FILE_NAME
    assert len(question(database, "SELECT extra_9001 FROM messages")) == 1
    assert len(question(database, "SELECT * FROM pieces")) == 2

    assert done.backup is not None
    with pytest.raises(DatabaseTooNew):
        async with sqlite_home.open():
            pass
    shutil.copy(done.backup, database)
    async with sqlite_home.open() as store:
        assert len((await store.ledger(message.conversation)).pieces) == 2


async def test_only_as_many_copies_are_kept_as_the_settings_say(sqlite_home: Home) -> None:
    folder = sqlite_home.data_dir
    for count in range(4):
        await migrate(Database(backups=2), folder, scripts=revisions(folder / f"v{count}", *["pass"] * count))
    assert sorted(path.name.rpartition("-")[2] for path in (folder / "backups").iterdir()) == [
        "9001.sqlite3",
        "9002.sqlite3",
    ]


async def test_copies_go_with_retention_and_other_files_stay(sqlite_home: Home, later: Path) -> None:
    async with sqlite_home.open():
        pass
    done = await migrate(Database(), sqlite_home.data_dir, scripts=later)
    assert done.backup is not None
    others = [done.backup.with_name(name) for name in ("calanque-mine.sqlite3", "notes.txt")]
    for other in others:
        other.touch()
    shutil.copy(done.backup, sqlite_home.data_dir / FILE_NAME)
    now = datetime.now(UTC)
    async with sqlite_home.open() as store:
        await store.expire(now=now + timedelta(days=6.9), default_days=7)
        assert done.backup.exists()
        await store.expire(now=now + timedelta(days=7.1), default_days=7)
        assert not done.backup.exists()
    assert all(other.exists() for other in others)


async def test_without_copies_none_is_made(sqlite_home: Home, later: Path) -> None:
    await migrate(Database(backups=0), sqlite_home.data_dir)
    done = await migrate(Database(backups=0), sqlite_home.data_dir, scripts=later)
    assert done.changed
    assert done.backup is None
    assert not (sqlite_home.data_dir / "backups").exists()


async def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(home: Home, tmp_path: Path) -> None:
    message = said("before")
    async with home.open() as store:
        await answered(store, message)
    broken = revisions(tmp_path / "broken", "pass", "op.execute('SELECT nonsense FROM nowhere')")
    with pytest.raises(DatabaseUnusable):
        await migrate(home.settings, home.data_dir, scripts=broken)
    async with home.open() as store:
        assert len((await store.ledger(message.conversation)).pieces) == 2
    assert "extra_9001" not in await home.everything()


async def test_two_processes_that_migrate_at_once_do_not_disturb_each_other(home: Home, later: Path) -> None:
    await migrate(home.settings, home.data_dir)
    done = await asyncio.gather(
        *(migrate(home.settings, home.data_dir, scripts=later, busy_seconds=10) for _ in range(2))
    )
    assert sorted(one.changed for one in done) == [False, True]


async def test_a_database_of_a_newer_version_is_not_touched(home: Home) -> None:
    async with home.open():
        pass
    connections = Connections(find(home.settings, home.data_dir))
    try:
        await connections.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    finally:
        await connections.close()
    with pytest.raises(DatabaseTooNew, match=r"newer version .*revision 9999.*Update the program"):
        async with home.open():
            pass

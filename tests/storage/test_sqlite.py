"""What can be wrong with a SQLite file: each is told apart, with what to do, and passes when its cause does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.errors import DatabaseUnusable
from bot.settings import Database
from bot.storage.address import FILE_NAME, find
from bot.storage.connection import Connections
from bot.storage.examine import DatabaseExam
from bot.storage.migrate import migrate
from bot.talk.finding import Level
from tests.fakes import said
from tests.storage.acts import answered
from tests.storage.homes import Home


async def test_a_file_that_another_program_locks_is_named_at_start(sqlite_home: Home) -> None:
    database = sqlite_home.data_dir / FILE_NAME
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnusable, match=f"{FILE_NAME} is locked by another program. Close"):
            async with sqlite_home.open():
                pass
        other.execute("ROLLBACK")
        async with sqlite_home.open():
            pass


async def test_a_lock_in_mid_life_stops_writing_until_it_is_gone(sqlite_home: Home) -> None:
    async with sqlite_home.open() as store:
        await store.save_fact("name", "before")
        with closing(sqlite3.connect(sqlite_home.data_dir / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with pytest.raises(DatabaseUnusable, match="is locked"):
                    await store.record(said("ahoy"), keep=True)
            assert await store.fact("name") == "before"
            other.execute("ROLLBACK")
        assert await store.record(said("ahoy"), keep=True)


@pytest.mark.parametrize(
    ("pragma", "message"),
    [("query_only=ON", "is read-only. Give the user"), ("max_page_count=1", "cannot grow: the disk is full")],
)
async def test_a_read_only_or_full_disk_is_told_and_the_next_attempt_starts_afresh(
    sqlite_home: Home, pragma: str, message: str
) -> None:
    async with sqlite_home.open():
        pass
    connections = Connections(find(Database(), sqlite_home.data_dir))

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO images VALUES ('d', 't', 1, 1, 0, zeroblob(10000000))")

    def failing(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        fill(connection)

    try:
        with pytest.raises(DatabaseUnusable, match=message):
            await connections.write(failing)
        await connections.write(fill)
    finally:
        await connections.close()


async def test_an_error_never_shows_the_words_of_a_statement(sqlite_home: Home) -> None:
    async with sqlite_home.open():
        pass
    connections = Connections(find(Database(), sqlite_home.data_dir))
    try:
        with pytest.raises(DatabaseUnusable) as caught:
            await connections.write(lambda c: c.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("periwinkle",)))
    finally:
        await connections.close()
    assert "periwinkle" not in repr(caught.value)
    assert caught.value.__cause__ is None


def _mistaken(_data: bytes) -> bytes:
    return b"<!doctype html>" * 400


def _scratched(data: bytes) -> bytes:
    return data[:100] + b"\xff" * (len(data) - 100)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (_mistaken, "is not a database"),
        (_scratched, "is damaged"),
    ],
)
async def test_a_damaged_file_is_refused_with_what_to_do(
    sqlite_home: Home, damage: Callable[[bytes], bytes], found: str
) -> None:
    async with sqlite_home.open() as store:
        await answered(store, said("ahoy"))
    database = sqlite_home.data_dir / FILE_NAME
    for leftover in database.parent.glob(f"{FILE_NAME}-*"):
        leftover.unlink()
    database.write_bytes(damage(database.read_bytes()))
    with pytest.raises(DatabaseUnusable, match=rf"{found}.*backups folder"):
        async with sqlite_home.open():
            pass
    (finding,) = await DatabaseExam(Database(), sqlite_home.data_dir).examine()
    assert finding.level is Level.PROBLEM
    assert finding.mend


async def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        await migrate(Database(), tmp_path / "data")


async def test_deleted_words_are_overwritten_in_the_file(sqlite_home: Home) -> None:
    async with sqlite_home.open() as store:
        await answered(store, said("periwinkle " * 50), text="periwinkle")
        await store.forget("local:ana")
    # Closing the last connection empties the write-ahead log into the file.
    for path in sqlite_home.data_dir.glob(f"{FILE_NAME}*"):
        assert b"periwinkle" not in path.read_bytes()


async def test_the_doctor_makes_nothing_and_tells_what_will_happen(sqlite_home: Home) -> None:
    exam = DatabaseExam(Database(), sqlite_home.data_dir / "deep" / "data")
    (finding,) = await exam.examine()
    assert finding.level is Level.OK
    assert "made at the first start" in finding.found
    assert list(sqlite_home.data_dir.iterdir()) == []


async def test_the_doctor_tells_older_and_newer_tables_apart(sqlite_home: Home) -> None:
    database = sqlite_home.data_dir / FILE_NAME
    sqlite3.connect(database).close()
    database.write_bytes(b"")
    exam = DatabaseExam(Database(), sqlite_home.data_dir)
    assert [one.level for one in await exam.examine()] == [Level.OK, Level.WARNING]
    async with sqlite_home.open():
        pass
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = await exam.examine()
    assert [one.level for one in found] == [Level.OK, Level.PROBLEM]
    assert "newer version" in found[1].found


async def test_the_doctor_finds_a_locked_file(sqlite_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.examine.LOOK_SECONDS", 0.05)
    async with sqlite_home.open():
        pass
    with closing(sqlite3.connect(sqlite_home.data_dir / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (finding,) = await DatabaseExam(Database(), sqlite_home.data_dir).examine()
    assert finding.level is Level.PROBLEM
    assert "is locked" in finding.found

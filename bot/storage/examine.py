"""What the doctor is told about the database. It is only looked at: nothing is made, migrated or changed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import NullPool, text

from bot.errors import OperatorError
from bot.settings import Database as DatabaseSettings
from bot.storage.address import Address, find
from bot.storage.connection import server_engine
from bot.storage.failures import explain, failures
from bot.storage.migrate import config, scripts_folder
from bot.talk.finding import Finding, Level

TOPIC = "database"
LOOK_SECONDS = 5.0
"""Longest wait for a lock or for a server."""
UNCLAIMED = "SELECT count(*) FROM cases WHERE state IN ('open', 'seen') AND escalated > 0"


class DatabaseExam:
    """Looks at the database that the settings name, whether or not the program could start on it."""

    def __init__(self, settings: DatabaseSettings, data_dir: Path) -> None:
        self._settings = settings
        self._data_dir = data_dir

    async def examine(self) -> Sequence[Finding]:
        try:
            address = find(self._settings, self._data_dir)
            if address.path is None:
                return await _postgres(address)
            return await asyncio.to_thread(_sqlite, address, address.path)
        except OperatorError as error:
            return (_problem(str(error), "See the message, and the settings table in the README."),)


def _problem(found: str, mend: str) -> Finding:
    return Finding(level=Level.PROBLEM, topic=TOPIC, found=found, mend=mend)


def _ok(found: str) -> Finding:
    return Finding(level=Level.OK, topic=TOPIC, found=found)


def _revision(found: str | None) -> Finding:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only the doctor needs it

    directory = ScriptDirectory.from_config(config(scripts_folder()))
    head = directory.get_current_head()
    if found == head:
        return _ok(f"Its tables are those of this version (revision {head}).")
    if found is None or found in {script.revision for script in directory.walk_revisions()}:
        return Finding(
            level=Level.WARNING,
            topic=TOPIC,
            found=f"Its tables are older (revision {found or 'none'}) than this version's ({head}).",
            mend="Nothing to do: the next start brings them up, after a copy. Or run `calanque migrate` now.",
        )
    return _problem(
        f"It was written by a newer version of this program (revision {found}, here {head}).",
        "Update the program, or go back to a copy from before the update.",
    )


def _sqlite(address: Address, path: Path) -> Sequence[Finding]:
    if not path.exists():
        folder = next(parent for parent in path.parents if parent.exists())
        if not os.access(folder, os.W_OK | os.X_OK):
            return (_problem(f"{folder} cannot be written to.", "Give this user the right to, or set DATA_DIR."),)
        return (_ok(f"SQLite {sqlite3.sqlite_version}; {address.label} is made at the first start."),)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=LOOK_SECONDS)) as connection:
            connection.isolation_level = None
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                return (
                    _problem(
                        f"SQLite; {address.label} is damaged.",
                        "Stop the program and put a copy from the backups folder in its place.",
                    ),
                )
            found = _sqlite_revision(connection)
            unclaimed = 0 if found is None else _sqlite_unclaimed(connection)
            # Only asks for the right to write. Where there is none, BEGIN IMMEDIATE alone begins all the same.
            connection.execute("BEGIN IMMEDIATE")
            own = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute(f"PRAGMA user_version={own}")
            connection.execute("ROLLBACK")
    except (sqlite3.Error, OSError) as error:
        return (_problem(str(explain(error, address)), "See the message; then run `calanque doctor` again."),)
    mib = path.stat().st_size / 1024 / 1024
    whole = f"SQLite {sqlite3.sqlite_version}; {address.label}, {mib:.1f} MiB, whole and writable."
    return (_ok(whole), _revision(found), *_unclaimed(unclaimed))


def _sqlite_unclaimed(connection: sqlite3.Connection) -> int:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cases'").fetchone() is None:
        return 0
    return int(connection.execute(UNCLAIMED).fetchone()[0])


def _unclaimed(count: int) -> Sequence[Finding]:
    """Questions that wait for a person although staff were told of them twice."""
    if not count:
        return ()
    return (
        Finding(
            level=Level.WARNING,
            topic="support",
            found=f"Nobody has claimed {count} of the questions that a person was called for, although staff were told "
            "again.",
            mend="See to it that somebody reads the channel that the notes go to (/support-show names it).",
        ),
    )


def _sqlite_revision(connection: sqlite3.Connection) -> str | None:
    named = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.execute(named).fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


async def _postgres(address: Address) -> Sequence[Finding]:
    engine = server_engine(
        address, connect_args={"timeout": LOOK_SECONDS, "command_timeout": LOOK_SECONDS}, poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            facts = await connection.execute(
                text(
                    "SELECT current_setting('server_version'), pg_database_size(current_database()),"
                    " current_setting('transaction_read_only') = 'on',"
                    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
                    " to_regclass('alembic_version') IS NOT NULL"
                )
            )
            version, size, read_only, may_create, has_revision = facts.one()
            revision, unclaimed = None, 0
            if has_revision:
                revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
                if (await connection.execute(text("SELECT to_regclass('cases')"))).scalar() is not None:
                    unclaimed = int((await connection.execute(text(UNCLAIMED))).scalar_one())
    except failures() as error:
        return (_problem(str(explain(error, address)), "See the message; then run `calanque doctor` again."),)
    finally:
        await engine.dispose()
    if read_only:
        return (_problem(f"PostgreSQL; {address.label} is read-only.", "Point DATABASE_URL at the primary server."),)
    if not may_create and revision is None:
        return (
            _problem(f"This user may not make tables in {address.label}.", "Grant the user all rights on the schema."),
        )
    where = f"PostgreSQL {version}; {address.label}, {size / 1024 / 1024:.1f} MiB, writable."
    return (_ok(where), await asyncio.to_thread(_revision, revision), *_unclaimed(unclaimed))

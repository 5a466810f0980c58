"""Brings a database to this version's tables, or says why not. Runs in a thread of its own, never on the loop.

On SQLite the whole way is one transaction, so a process that is killed on it leaves the database as it was; a copy is
made before all the same, by SQLite's own backup (a file copy would miss what stands in the write-ahead log).

Alembic takes a sixth of a second and some 7 MiB, so it is loaded only where there is something to bring up.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, NullPool, inspect, text

from bot.errors import DatabaseTooNew, DatabaseUnusable
from bot.settings import Database as DatabaseSettings
from bot.storage.address import Address, find
from bot.storage.connection import BUSY_SECONDS, STATEMENT_SECONDS, WAIT_SECONDS, server_engine, sqlite_engine
from bot.storage.failures import explain, failures

if TYPE_CHECKING:
    from alembic.config import Config

BACKUP_FOLDER = "backups"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_MIGRATION_LOCK = 0x43_41_4C_41_4D_49_47_52


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a migration did. `before` is None for a new database; `backup` where a copy was made."""

    database: str
    before: str | None
    after: str
    backup: Path | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def scripts_folder() -> Path:
    """Where the revisions are, in a checkout and in an installed package alike."""
    spec = find_spec("migrations")
    if spec is None or spec.origin is None:
        raise DatabaseUnusable("The package `migrations` is missing from this installation. Install it again.")
    return Path(spec.origin).parent


def newest(scripts: Path) -> str:
    """The revision that this version has last: they are numbered, and their files begin with the number."""
    return max(path.stem.partition("_")[0] for path in (scripts / "versions").glob("[0-9]*.py"))


def config(scripts: Path) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see the module's docstring

    made = Config()
    made.set_main_option("path_separator", "os")
    # Alembic takes % for an interpolation.
    made.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return made


async def migrate(
    settings: DatabaseSettings,
    data_dir: Path,
    *,
    scripts: Path | None = None,
    busy_seconds: float = BUSY_SECONDS,
) -> Migrated:
    """Raises DatabaseTooNew for a database of a newer version, SettingsError, DatabaseUnusable."""
    address = find(settings, data_dir)
    folder = scripts or scripts_folder()

    def work() -> Migrated:
        if address.path is None:
            return asyncio.run(_postgres(address, folder))
        return _sqlite(address, address.path, folder, settings.backups, busy_seconds)

    try:
        return await asyncio.to_thread(work)
    except failures() as error:
        raise explain(error, address) from None


def _upgrade(
    connection: Connection, address: Address, scripts: Path, before_change: Callable[[str], Path | None]
) -> Migrated:
    """Within the caller's transaction."""
    before, head = _revision(connection), newest(scripts)
    if before == head:
        return Migrated(database=address.label, before=before, after=head)
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - likewise

    made = config(scripts)
    known = {script.revision for script in ScriptDirectory.from_config(made).walk_revisions()}
    if before is not None and before not in known:
        raise DatabaseTooNew(
            f"The database {address.label} was written by a newer version of this program (revision {before}; this "
            f"version knows up to {head}). Update the program, or go back to a copy from before the update."
        )
    backup = None if before is None else before_change(before)
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
    return Migrated(database=address.label, before=before, after=head, backup=backup)


def _revision(connection: Connection) -> str | None:
    """Where Alembic wrote down how far the database is; None for one that is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _sqlite(address: Address, path: Path, scripts: Path, backups: int, busy_seconds: float) -> Migrated:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # People's words: for the user alone. SQLite gives its other files the same rights.
        path.touch(mode=0o600)
    # Copying a table means dropping the old one, and foreign keys would then delete what hangs on its rows.
    engine = sqlite_engine(str(path), busy_seconds, begin="BEGIN IMMEDIATE", foreign_keys=False)
    try:
        return _upgrade_file(engine, address, path, scripts, backups)
    finally:
        engine.dispose()


def _upgrade_file(engine: Engine, address: Address, path: Path, scripts: Path, backups: int) -> Migrated:
    with engine.connect() as connection, connection.begin():
        done = _upgrade(connection, address, scripts, lambda before: _back_up(path, before, backups))
        if done.changed and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise DatabaseUnusable(f"The database {address.label} would not be whole after the migration; undone.")
    return done


def _back_up(path: Path, revision: str, keep: int) -> Path | None:
    if keep == 0:
        return None
    folder = path.parent / BACKUP_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.now(UTC).strftime(_STAMP)
    final = folder / f"{path.stem}-{stamp}-{revision}.sqlite3"
    growing = final.with_suffix(".partial")
    growing.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(growing)) as target:
            source.backup(target)
        growing.replace(final)
    except sqlite3.Error as error:
        growing.unlink(missing_ok=True)
        raise DatabaseUnusable(
            f"The copy of the database before its migration could not be written to {folder} "
            f"({getattr(error, 'sqlite_errorname', type(error).__name__)}), so nothing was changed. Make room there, "
            "or set DATABASE_BACKUPS=0 to go without."
        ) from None
    for old in _copies(path)[:-keep]:
        old.unlink(missing_ok=True)
    return final


def _copies(path: Path) -> list[Path]:
    """The oldest first: their names begin with the time."""
    return sorted((path.parent / BACKUP_FOLDER).glob(f"{path.stem}-*.sqlite3"))


def drop_old_copies(address: Address, *, before: datetime) -> int:
    """A copy holds words that people have had deleted since, so none is kept longer than words are; how many went.

    Blocks. Raises DatabaseUnusable.
    """
    gone = 0
    for copy in [] if address.path is None else _copies(address.path):
        made = copy.name.removeprefix(f"{address.path.stem}-").partition("-")[0] if address.path else ""
        try:
            if datetime.strptime(made, _STAMP).replace(tzinfo=UTC) < before:
                copy.unlink(missing_ok=True)
                gone += 1
        except ValueError:
            continue  # not one of ours
        except OSError as error:
            raise DatabaseUnusable(
                f"The old copy {copy} of the database cannot be deleted ({type(error).__name__}). Delete it."
            ) from None
    return gone


async def _postgres(address: Address, scripts: Path) -> Migrated:
    engine = server_engine(
        address,
        connect_args={"timeout": WAIT_SECONDS, "command_timeout": STATEMENT_SECONDS * 10},
        poolclass=NullPool,
        hide_parameters=True,
    )

    def work(connection: Connection) -> Migrated:
        # Processes of several shard sets may start together.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        return _upgrade(connection, address, scripts, lambda _before: None)

    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()

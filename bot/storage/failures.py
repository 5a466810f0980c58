"""What went wrong with the database, in words that tell an operator what to do.

The driver's own message is never passed on whole: on PostgreSQL it may quote the values of a statement.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import DatabaseUnusable
from bot.storage.address import Address


class TransactionLost(Exception):
    """SQLite has taken a transaction back while its work went on."""


_FAILURES: Final = (DBAPIError, sqlite3.Error, TransactionLost, PoolTimeout, OSError, asyncio.TimeoutError)


def failures() -> tuple[type[Exception], ...]:
    """What the drivers raise when a database cannot be used.

    asyncpg's own errors reach us raw while connecting. It is not loaded for this: where it is not, it raised nothing.
    """
    driver: Any = sys.modules.get("asyncpg")
    return (
        _FAILURES
        if not hasattr(driver, "InterfaceError")
        else (*_FAILURES, driver.PostgresError, driver.InterfaceError)
    )


_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another program. Close whatever else has it open, such as a database browser",
    "SQLITE_LOCKED": "is locked by another program. Close whatever else has it open, such as a database browser",
    "SQLITE_READONLY": "is read-only. Give the user who runs this program the right to write to it and its folder",
    "SQLITE_FULL": "cannot grow: the disk is full. Make room; nothing is lost",
    "SQLITE_CORRUPT": "is damaged. Stop the program and put a copy from the backups folder in its place",
    "SQLITE_NOTADB": "is not a database, or damaged. Put a copy from the backups folder in its place, or move it away",
    "SQLITE_CANTOPEN": "cannot be opened. Check that its folder exists and that this program may write there",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error. Check the disk",
    "SQLITE_PERM": "may not be opened by this user. Give the user who runs this program the right to it",
}

_POSTGRES: Final = {
    "53100": "is out of disk space. Make room on the database server",
    "53300": "has no connection left. Raise max_connections or close other programs",
    "25006": "is read-only (a standby, perhaps). Point DATABASE_URL at the primary server",
    "28P01": "refuses the password. Check the user and password in DATABASE_URL",
    "28000": "refuses this user. Check DATABASE_URL and the server's pg_hba.conf",
    "3D000": "does not exist on that server. Create it, or mend the name in DATABASE_URL",
    "42501": "does not let this user do that. Grant the user all rights on the database's schema",
    "57P03": "is starting up or shutting down. It works again when the server is ready",
    "57P01": "was shut down by its administrator. It works again when the server is back",
    "55P03": "is locked by another program. Close whatever else holds a lock on its tables",
    "57014": "took too long to answer. Check what else the server is busy with",
}

_RETRIED: Final = frozenset({"40001", "40P01"})


def _state(error: BaseException) -> str:
    """SQLite's error name or PostgreSQL's SQLSTATE; empty where neither is known."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            return ""
        for name in ("sqlite_errorname", "sqlstate"):
            value = getattr(seen, name, None)
            if isinstance(value, str):
                return value
        seen = getattr(seen, "orig", None) or seen.__cause__
    return ""


def is_passing(error: BaseException) -> bool:
    """Two transactions got in each other's way on PostgreSQL; the same one works when tried again."""
    return _state(error) in _RETRIED


def is_a_fault_of_ours(error: BaseException) -> bool:
    """A broken rule of the tables is a bug, not a state of the database."""
    return isinstance(error, IntegrityError)


def explain(error: BaseException, address: Address) -> DatabaseUnusable:
    state = _state(error)
    if address.postgres:
        reason = _POSTGRES.get(state)
        if reason is None and (isinstance(error, OSError) or state.startswith("08") or not state):
            reason = "cannot be reached. Check that the server runs and that DATABASE_URL names its host and port"
        reason = reason or f"reports error {state}. The server's log says more"
    else:
        known = (words for name, words in _SQLITE.items() if state.startswith(name))
        reason = next(known, None)
        if reason is None and isinstance(error, PoolTimeout):
            reason = "did not finish earlier work in time. Check whether the disk is overloaded"
        if reason is None and isinstance(error, OSError):
            reason = f"cannot be opened ({error.strerror or type(error).__name__}). Check the folder and its rights"
        reason = reason or f"reports {state or type(error).__name__}. `calanque doctor` says more"
    return DatabaseUnusable(f"The database {address.label} {reason}.")

"""Numbers the moments of this process, and ends it with SIGKILL at a given one. Outside of the program's own code."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import httpx
from sqlalchemy import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.event import listen

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
READING = frozenset(("SELECT", "SHOW T", "SET LO"))  # how statements begin that write nothing


class Points:
    """`log`: every moment is written there, a line each; `at`: the last one, by its number or as `2 after a commit`,
    the second one of that name; 0 for none."""

    def __init__(self, log: Path | None, at: str) -> None:
        self._log = None if log is None else log.open("a", encoding="utf-8", buffering=1)
        self._at = at
        self._numbers = itertools.count(1)
        self._named: Counter[str] = Counter()
        self._one = threading.Lock()

    def reach(self, what: str) -> None:
        with self._one:  # writes happen in threads
            number = next(self._numbers)
            if self._log is not None:
                self._log.write(f"{number} {what}\n")
            self._named[what] += 1
            if self._at in (str(number), f"{self._named[what]} {what}"):
                _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    sys.exit("SIGKILL did not end the process")


def install(points: Points) -> None:
    """From now on everything durable, sent or asked passes by `points`, in this whole process."""
    _watch_commits(points)
    _watch_discord(points)
    _watch_engine(points)


def _watch_commits(points: Points) -> None:
    original = DefaultDialect.do_commit
    seen: dict[int, int] = {}
    written: set[int] = set()

    def noted(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip()[:6].upper() not in READING:
            written.add(id(connection.connection.dbapi_connection))

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:
        # Readers commit, too. SQLite's own connection tells how much was written; of others the statements do.
        one = id(connection.dbapi_connection)
        changes = getattr(connection, "total_changes", None)
        writes = one in written if changes is None else seen.get(one, 0) != changes
        written.discard(one)
        if writes:
            points.reach("before a commit")
        original(dialect, connection)
        if writes:
            if changes is not None:
                seen[one] = changes
            points.reach("after a commit")

    listen(Engine, "before_cursor_execute", noted)
    DefaultDialect.do_commit = do_commit  # pyright: ignore[reportAttributeAccessIssue] # its names are its own affair


def _watch_discord(points: Points) -> None:
    original: Any = aiohttp.ClientSession._request  # pyright: ignore[reportPrivateUsage]

    async def request(session: aiohttp.ClientSession, method: str, url: Any, **more: Any) -> Any:
        if method not in CHANGING:
            return await original(session, method, url, **more)
        what = f"{method} {_shape(str(url))}"
        points.reach(f"before {what}")
        response = await original(session, method, url, **more)
        points.reach(f"after {what}")
        return response

    aiohttp.ClientSession._request = request  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]


def _watch_engine(points: Points) -> None:
    original = httpx.AsyncClient.send

    async def send(client: httpx.AsyncClient, request: httpx.Request, **more: Any) -> httpx.Response:
        if request.method not in CHANGING:
            return await original(client, request, **more)
        what = f"{request.method} {request.url.path} of the engine"
        points.reach(f"before {what}")
        response = await original(client, request, **more)
        points.reach(f"after {what}")
        return response

    httpx.AsyncClient.send = send  # pyright: ignore[reportAttributeAccessIssue] # likewise


def _shape(url: str) -> str:
    """The path without numbers and tokens, to be read by people."""
    parts = url.partition("/api/v10/")[2].split("?")[0].split("/")
    return "/".join("*" if part.isdecimal() or len(part) > 24 else part for part in parts)

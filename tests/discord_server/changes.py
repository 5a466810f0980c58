"""Waiting for a condition instead of for time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

RECHECK_SECONDS = 0.02
"""A predicate may also look at the client, whose changes nobody announces here."""


class Changes:
    """Wakes whoever waits for a condition each time anything happened on the server."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def announce(self) -> None:
        for event in self._waiting:
            event.set()

    async def until(
        self, predicate: Callable[[], object], within: float = 30.0, describe: Callable[[], str] | None = None
    ) -> None:
        """Return as soon as the predicate holds. Raises TimeoutError with the description after `within` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while not predicate():
                left = deadline - loop.time()
                if left <= 0:
                    found = describe() if describe else "the condition does not hold"
                    raise TimeoutError(f"after {within} s: {found}")
                event.clear()
                try:
                    async with asyncio.timeout(min(left, RECHECK_SECONDS)):
                        await event.wait()
                except TimeoutError:
                    continue
        finally:
            self._waiting.discard(event)

"""Letting everything happen that can: turns of the loop, and the threads that work for it. No time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.storage.connection import Connections

TURNS, STILL = 50, 5
"""Turns of the loop that let everything run, at most; and how many in a row, in which nothing ran, show that it has."""
ROUNDS = 12
"""How often in a row something may call the store."""


async def settle() -> None:
    """Let every task that can run, run: many turns of the loop, fewer where nothing is left that could."""
    loop, still = asyncio.get_running_loop(), 0
    for _ in range(TURNS):
        await asyncio.sleep(0)
        still = 0 if loop._ready else still + 1  # pyright: ignore[reportAttributeAccessIssue]
        if still >= STILL:
            if _at_rest(loop):
                return
            still = 0


async def stored() -> None:
    """Let everything run that can, and whatever comes of what the store is asked meanwhile."""
    for _ in range(ROUNDS):
        await settle()
        asked = _asked_of_stores()
        if not asked:
            return
        await asyncio.wait(asked)


def _at_rest(loop: asyncio.AbstractEventLoop) -> bool:
    """No thread works for the loop: neither a store's nor one of those that lend themselves to anybody."""
    if _asked_of_stores():
        return False
    threads: Any = loop._default_executor  # pyright: ignore[reportAttributeAccessIssue]
    return threads is None or (threads._work_queue.empty() and threads._idle_semaphore._value == len(threads._threads))


def _asked_of_stores() -> list[asyncio.Task[Any]]:
    loop = asyncio.get_running_loop()
    return [task for task in _under_way if task.get_loop() is loop and not task.done()]


async def _seen(self: Connections, work: Callable[[Any], Any], *, writing: bool, alone: bool = False) -> Any:
    task = asyncio.current_task()
    assert task is not None
    _under_way.add(task)
    try:
        return await _attempt(self, work, writing=writing, alone=alone)
    finally:
        _under_way.discard(task)


# All tasks of the loop would be asked for in vain thousands of times.
_under_way: set[asyncio.Task[Any]] = set()
_attempt = Connections._attempt  # pyright: ignore[reportPrivateUsage]
Connections._attempt = _seen  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]

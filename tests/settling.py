"""Letting everything happen that can: turns of the loop, and the threads that work for it. No time passes.

What is waited for is known, not guessed: every call to a thread and every transaction of a store that has not come
back to this loop. So a busy machine makes tests slower and never different.
"""

from __future__ import annotations

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from time import monotonic
from typing import Any

from bot.storage.connection import Connections

TURNS, STILL = 200, 5
"""Turns of the loop that let everything run, at most; and how many in a row, in which nothing ran, show that it has."""
PATIENCE_SECONDS = 60.0
"""How long threads are waited for. Longer than a store waits for another program's lock."""


async def settle() -> None:
    """Let every task that can run, run, until all that is left waits for the clock, a socket or the test.

    Raises TimeoutError where a thread does not come back.
    """
    loop, end = asyncio.get_running_loop(), monotonic() + PATIENCE_SECONDS
    while True:
        await turns()
        working = [each for each in _under_way if each.get_loop() is loop and not each.done()]
        if not working:
            return
        await asyncio.wait(working, timeout=max(end - monotonic(), 0), return_when=asyncio.FIRST_COMPLETED)
        if monotonic() >= end:
            raise TimeoutError(f"this does not come back: {working}")


async def turns() -> None:
    """Let every task that can run, run. Threads are not waited for."""
    loop, still = asyncio.get_running_loop(), 0
    for _ in range(TURNS):
        await asyncio.sleep(0)
        still = 0 if loop._ready else still + 1  # pyright: ignore[reportAttributeAccessIssue]
        if still >= STILL:
            return


_under_way: set[asyncio.Future[Any]] = set()
"""Of all loops. What is cancelled is over for its loop, whatever its thread still does."""


def _known(future: asyncio.Future[Any]) -> asyncio.Future[Any]:
    _under_way.add(future)
    future.add_done_callback(_under_way.discard)
    return future


def _lent(self: BaseEventLoop, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
    return _known(_run_in_executor(self, executor, func, *args))


async def _attempted(self: Connections, work: Callable[[Any], Any], *, writing: bool, alone: bool = False) -> Any:
    task = asyncio.current_task()
    assert task is not None
    _under_way.add(task)
    try:
        return await _attempt(self, work, writing=writing, alone=alone)
    finally:
        _under_way.discard(task)


_run_in_executor = BaseEventLoop.run_in_executor
BaseEventLoop.run_in_executor = _lent  # pyright: ignore[reportAttributeAccessIssue]
_attempt = Connections._attempt  # pyright: ignore[reportPrivateUsage]
Connections._attempt = _attempted  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]

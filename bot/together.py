"""Several waits beside each other, none of which outlives the caller.

`asyncio.gather` leaves what it started running when it fails or is cancelled; a task group raises its failures in a
group, which nobody here catches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@overload
async def together(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B], /) -> tuple[A, B]: ...
@overload
async def together(
    first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B], third: Coroutine[Any, Any, C], /
) -> tuple[A, B, C]: ...
@overload
async def together(
    first: Coroutine[Any, Any, A],
    second: Coroutine[Any, Any, B],
    third: Coroutine[Any, Any, C],
    fourth: Coroutine[Any, Any, D],
    /,
) -> tuple[A, B, C, D]: ...
async def together(*waits: Coroutine[Any, Any, Any]) -> tuple[Any, ...]:
    """All results, in order. Raises the first failure; in any case all have ended when it returns."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            if not task.cancelling():  # a second time would break off what it tidies up
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""Waits beside each other end together, whatever happens to one of them or to whoever waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.together import together


async def value(of: int) -> int:
    await asyncio.sleep(0)
    return of


class Slow:
    """Takes some turns of the loop to end when it is cancelled, as a transaction in a thread does."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = False

    async def wait(self) -> int:
        try:
            self.begun.set()
            await asyncio.Event().wait()
            return 0
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            self.ended = True


async def fails(after: Slow) -> int:
    await after.begun.wait()
    raise LookupError("no")


async def test_results_come_in_the_order_of_the_waits() -> None:
    assert await together(value(1), value(2), value(3)) == (1, 2, 3)


async def test_when_one_fails_the_others_have_ended_before_the_failure_is_told() -> None:
    slow = Slow()
    with pytest.raises(LookupError):
        await together(slow.wait(), fails(slow))
    assert slow.ended


async def test_when_the_caller_is_cancelled_nothing_goes_on() -> None:
    slow = Slow()
    task = asyncio.create_task(together(slow.wait(), value(1)))
    await slow.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ended

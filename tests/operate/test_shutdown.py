"""Signals: the first asks, the second insists."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.operate.shutdown import asked_to_stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_sets_the_event_and_the_second_forces(number: signal.Signals) -> None:
    forced: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with asked_to_stop(force=forced.set_result) as stop:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(30):
            await stop.wait()
        assert not forced.done()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(30):
            assert await forced == number


async def test_whoever_listened_before_listens_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with asked_to_stop():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before

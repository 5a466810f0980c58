"""The library's client as we keep it: what it is told to end, ends."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.discord import client
from bot.platforms.discord.client import heeded


async def test_work_that_loses_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "AGAIN_SECONDS", 0.01)
    begun, lost = asyncio.Event(), asyncio.Event()

    async def deaf_once() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            lost.set()
        await asyncio.Event().wait()

    working = asyncio.create_task(heeded(deaf_once()))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(30):
            await working
    assert lost.is_set()


async def test_what_goes_wrong_in_the_work_comes_out() -> None:
    async def fails() -> None:
        raise ConnectionError("as it happened")

    with pytest.raises(ConnectionError, match="as it happened"):
        await heeded(fails())

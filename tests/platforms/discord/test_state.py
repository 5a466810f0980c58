"""What the platform tells of its connection: shards that are up, events that nobody has heard yet."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from tests.platforms.discord.bench import WITHIN, bench
from tests.platforms.discord.conftest import Community


async def until(holds: Callable[[], bool]) -> None:
    """Nobody is told when these figures change."""
    async with asyncio.timeout(WITHIN):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


async def test_shards_are_counted_while_they_are_connected(community: Community) -> None:
    async with bench(community.server) as b:
        assert b.platform.shards == (1, 1)
        await until(lambda: b.platform.latency < WITHIN)
        community.server.gateway.resuming = False
        community.server.gateway.drop()
        await until(lambda: b.platform.shards == (0, 1))
        assert not b.platform.ready.is_set()
        assert math.isinf(b.platform.latency)
    assert b.platform.shards == (0, 0)


async def test_events_that_were_not_written_down_yet_are_counted(community: Community) -> None:
    async with bench(community.server) as b:
        assert b.platform.unheard == 0
        b.ears.open.clear()
        for number in range(3):
            await community.server.say(community.channel, community.ada, f"message {number}")
        await until(lambda: b.platform.unheard == 3)
        b.ears.open.set()
        await b.ears.said("message 2")
        await until(lambda: b.platform.unheard == 0)
    assert b.platform.unheard == 0

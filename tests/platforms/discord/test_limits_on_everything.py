"""A limit on everything ends, also where whoever waited it out was broken off."""

from __future__ import annotations

import asyncio

from tests.platforms.discord.bench import NOTHING, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_deliveries import place

EVERYTHING = {"message": "You are being rate limited.", "retry_after": 30, "global": True}


async def test_a_sign_of_typing_that_is_broken_off_while_everything_is_limited_holds_up_no_answer(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        server.fail_next("POST /channels/*/typing", status=429, body=EVERYTHING)
        typing = asyncio.create_task(b.platform.typing(place(channel)))
        await server.wait_for(lambda: [each for each in server.requests if each.status == 429])
        await asyncio.sleep(0.05)  # for the answer to be read; nothing tells when the library begins to wait
        typing.cancel()
        async with asyncio.timeout(30):
            await b.platform.deliver(delivery(place(channel), "The tide is out."), NOTHING)
        assert [each.content for each in channel.bot_messages] == ["The tide is out."]

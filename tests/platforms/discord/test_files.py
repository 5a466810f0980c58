"""Attachments are streamed from Discord alone, also long after the address they came with has died."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.errors import AttachmentUnreadable, PlatformUnavailable
from bot.platforms.discord import DiscordPlatform
from bot.talk.message import Attachment
from tests.discord_server import Upload
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community

DATA = bytes(range(256)) * 1000
GET = "GET /channels/{channel_id}/messages/{message_id}"


async def fetched(platform: DiscordPlatform, attachment: Attachment) -> bytes:
    async with aclosing(platform.fetch(attachment)) as blocks:
        return b"".join([block async for block in blocks])


async def sent(b: Bench, community: Community, upload: Upload | None = None) -> Attachment:
    upload = upload or Upload(filename="sea.bin", data=DATA)
    await community.server.say(community.channel, community.ada, "<@BOT> look", attachments=[upload])
    (attachment,) = (await b.ears.said("look")).attachments
    return attachment


async def test_the_bytes_arrive_as_they_were_sent(community: Community) -> None:
    async with bench(community.server) as b:
        assert await fetched(b.platform, await sent(b, community)) == DATA
        assert community.server.requested(GET) == []


async def test_an_expired_address_is_asked_for_again(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community)
        community.clock.advance(25 * 3600)  # only Discord's clock knows
        assert await fetched(b.platform, attachment) == DATA
        assert len(community.server.requested(GET)) == 1


async def test_an_address_known_to_be_expired_is_not_even_tried(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community)
        b.clock.ahead = 25 * 3600
        community.clock.advance(25 * 3600)
        assert await fetched(b.platform, attachment) == DATA


async def test_after_a_restart_the_ids_are_enough(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community)
    async with bench(community.server) as b:
        assert await fetched(b.platform, attachment) == DATA


async def test_a_forwarded_file_is_found_again_through_the_message_that_forwards_it(community: Community) -> None:
    server = community.server
    original = await server.say(
        community.channel, community.grace, "tides", attachments=[Upload(filename="t.bin", data=DATA)]
    )
    async with bench(server) as b:
        await server.forward(original, server.dm(community.ada), community.ada)
        message = await b.ears.said("")
        community.clock.advance(25 * 3600)
        assert await fetched(b.platform, message.quotes[0].attachments[0]) == DATA


async def test_a_file_of_a_deleted_message_cannot_be_read(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community)
        await community.server.delete(next(iter(community.channel.messages.values())))
        with pytest.raises(AttachmentUnreadable) as caught:
            await fetched(b.platform, attachment)
        assert caught.value.values["name"] == "sea.bin"


@pytest.mark.parametrize("source", ["", "1/2", "1/2/x", "../../users/@me", "1/2/3/4"])
async def test_a_source_that_is_not_ours_leads_nowhere(community: Community, source: str) -> None:
    async with bench(community.server) as b:
        attachment = replace(await sent(b, community), source=source)
        with pytest.raises(AttachmentUnreadable):
            await fetched(b.platform, attachment)


async def test_a_file_that_is_larger_than_it_claims_is_given_up(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community, Upload(filename="bomb.png", data=DATA, size=10))
        with pytest.raises(AttachmentUnreadable):
            await fetched(b.platform, attachment)


async def test_only_hosts_of_discord_are_asked(community: Community) -> None:
    server = community.server
    server.world.cdn.base = server.cdn_url.replace("127.0.0.1", "localhost")
    async with bench(server) as b:
        with pytest.raises(AttachmentUnreadable):
            await fetched(b.platform, await sent(b, community))


async def test_an_outage_can_be_tried_again_and_a_stranger_to_the_network_too(community: Community) -> None:
    async with bench(community.server) as b:
        attachment = await sent(b, community)
        b.clock.ahead = 25 * 3600
        community.server.fail_next("GET /channels/*/messages/*", status=503)
        with pytest.raises(PlatformUnavailable):
            await fetched(b.platform, attachment)
    with pytest.raises(PlatformUnavailable):
        await fetched(b.platform, attachment)


async def test_a_reader_may_stop_in_the_middle(community: Community) -> None:
    async with bench(community.server) as b, aclosing(b.platform.fetch(await sent(b, community))) as blocks:
        assert await anext(blocks)

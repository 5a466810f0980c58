"""A poll is Discord's own, sent once, never edited; what Discord refuses is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PlaceGone
from bot.talk.delivery import Delivery
from bot.talk.message import Place
from bot.talk.poll import Poll
from tests.discord_server import Channel, Permission
from tests.platforms.discord.bench import NOTHING, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_deliveries import PATCH, POST, place

POLL = Poll(question="Where @everyone?", answers=("**here**", "<@1>"), hours=48, several=True)


def asking(channel: Channel | Place, **more: object) -> Delivery:
    where = channel if isinstance(channel, Place) else place(channel)
    return replace(delivery(where, "1. here", **more), poll=POLL)  # pyright: ignore[reportArgumentType]


async def test_a_poll_is_sent_as_discord_has_them_and_pings_only_who_asked(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await server.say(channel, community.ada, "<@BOT> ask them")
    async with bench(server) as b:
        await b.platform.deliver(asking(channel, reply_to=str(question.id)), NOTHING)
        (message,) = channel.bot_messages
        assert message.poll is not None
        assert message.poll["question"] == {"text": "Where @everyone?"}
        assert [each["poll_media"]["text"] for each in message.poll["answers"]] == ["**here**", "<@1>"]
        assert message.poll["allow_multiselect"] is True
        assert message.content == ""
        assert message.pinged == {community.ada.id}


async def test_a_poll_is_never_edited_whatever_is_known_of_it(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = await b.platform.deliver(asking(channel), NOTHING)
        forgotten = replace(shown, messages=(replace(shown.messages[0], digest=""),), since=b.clock.now())
        again = await b.platform.deliver(asking(channel), forgotten)
        assert [each.id for each in again.messages] == [each.id for each in shown.messages]
        assert server.requested(PATCH) == []
        assert len(channel.bot_messages) == 1


async def test_a_poll_whose_sending_nobody_knows_of_is_found_and_not_sent_twice(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await server.say(channel, community.ada, "<@BOT> ask them")
    async with bench(server) as b:
        answer = delivery(place(channel), "Done.", reply_to=str(question.id))
        await b.platform.deliver(replace(answer, id="answer"), NOTHING)
        since = b.clock.now()
        await b.platform.deliver(asking(channel, reply_to=str(question.id)), NOTHING)
        b.clock.ahead += 3600
        community.clock.advance(3600)
        sent = len(server.requested(POST))
        async with bench(server) as later:  # another process
            later.clock.ahead = b.clock.ahead
            doubt = replace(NOTHING, since=since)
            shown = await later.platform.deliver(asking(channel, reply_to=str(question.id)), doubt)
        assert len(server.requested(POST)) == sent
        (poll,) = (message for message in channel.bot_messages if message.poll is not None)
        assert [each.id for each in shown.messages] == [str(poll.id)]


async def test_without_the_right_to_send_polls_there_is_none_and_that_is_told(community: Community) -> None:
    server, channel = community.server, community.channel
    channel.overwrite(community.guild.everyone, deny=Permission.SEND_POLLS)
    async with bench(server) as b:
        with pytest.raises(PlaceGone, match="50013"):
            await b.platform.deliver(asking(channel), NOTHING)
        assert channel.bot_messages == []

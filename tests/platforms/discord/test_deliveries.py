"""What we say stands on Discord exactly once, pings only who asked, and is edited rather than sent again."""

from __future__ import annotations

import pytest

from bot.errors import PlaceGone, PlatformUnavailable
from bot.platforms.discord.read import NAME
from bot.platforms.discord.render import nonce
from bot.talk.delivery import Action, Shown
from bot.talk.message import Place
from tests.discord_server import Channel, Permission
from tests.platforms.discord.bench import FINAL_ONLY, NOTHING, bench, delivery
from tests.platforms.discord.conftest import Community

POST = "POST /channels/{channel_id}/messages"
PATCH = "PATCH /channels/{channel_id}/messages/{message_id}"
DELETE = "DELETE /channels/{channel_id}/messages/{message_id}"


def place(channel: Channel) -> Place:
    return Place(platform=NAME, id=str(channel.id))


async def test_an_answer_replies_and_pings_only_who_asked(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await server.say(channel, community.ada, "<@BOT> who is here?")
    async with bench(server) as b:
        text = f"@everyone and {community.grace.mention} and https://example.org"
        await b.platform.deliver(delivery(place(channel), text, reply_to=str(question.id)), NOTHING)
        (answer,) = channel.bot_messages
        assert answer.content == text
        assert answer.referenced is question
        assert answer.pinged == {community.ada.id}
        assert answer.embeds_suppressed


async def test_a_streamed_answer_is_one_message_edited_in_place_without_further_pings(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await server.say(channel, community.ada, "<@BOT> count")
    stop = Action(id="stop:1", label="Stop", danger=True)
    async with bench(server) as b:
        shown = NOTHING
        for text in ("", "one", "one two", "one two"):
            open_ = delivery(place(channel), text, reply_to=str(question.id), final=False, actions=(stop,))
            shown = await b.platform.deliver(open_, shown)
        shown = await b.platform.deliver(delivery(place(channel), "one two", reply_to=str(question.id)), shown)
        (answer,) = channel.bot_messages
        assert answer.texts == ["-# Thinking …", "one", "one two", "one two"]
        assert [message.id for message in shown.messages] == [str(answer.id)]
        assert len(server.requested(POST)) == 1
        assert len(server.requested(PATCH)) == 3  # the equal one was not sent; the last one took the button away
        assert answer.buttons == []
        for revision in answer.history[1:]:
            assert revision.allowed_mentions is not None
            assert revision.allowed_mentions["parse"] == []
            assert not revision.allowed_mentions.get("replied_user")


async def test_delivering_the_same_again_sends_nothing(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        same = delivery(place(channel), "x" * 5000)
        shown = await b.platform.deliver(same, NOTHING)
        before = len(server.requests)
        assert await b.platform.deliver(same, shown) == shown
        assert len(server.requests) == before
        assert len(channel.bot_messages) == 3


async def test_a_growing_answer_edits_only_its_last_message(community: Community) -> None:
    server, channel = community.server, community.channel
    words = " ".join(f"word{number}" for number in range(700))
    async with bench(server) as b:
        shown = NOTHING
        for end in range(1800, len(words) + 1800, 1800):
            shown = await b.platform.deliver(delivery(place(channel), words[:end], final=end >= len(words)), shown)
        assert " ".join(message.content for message in channel.bot_messages) == words
        edited = [int(each.path.rsplit("/", 1)[1]) for each in server.requested(PATCH)]
        assert edited == sorted(edited)


async def test_a_shorter_final_text_removes_surplus_messages(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = await b.platform.deliver(delivery(place(channel), "a " * 3000), NOTHING)
        assert len(shown.messages) > 2
        shown = await b.platform.deliver(delivery(place(channel), "short"), shown)
        assert [message.content for message in channel.bot_messages] == ["short"]
        assert len(shown.messages) == 1
        assert shown.removed == 3
        assert await b.platform.deliver(delivery(place(channel), ""), shown) == Shown(removed=4)
        assert channel.bot_messages == []


async def test_sending_again_after_a_lost_answer_makes_no_second_message(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        server.fail_next("POST /channels/*/messages", status=None, after_commit=True)
        with pytest.raises(PlatformUnavailable):
            await b.platform.deliver(delivery(place(channel), "early", final=False), NOTHING)
        await b.platform.deliver(delivery(place(channel), "late"), NOTHING)
        (answer,) = channel.bot_messages
        assert answer.content == "late"
        nonces = {each.body["nonce"] for each in server.requested(POST) if isinstance(each.body, dict)}
        assert nonces == {nonce("d1", str(channel.id), 0)}
        assert len(nonce("d1", str(channel.id), 0)) <= 25


async def test_a_long_answer_that_broke_off_goes_on_where_it_stopped(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        wanted = delivery(place(channel), "word " * 1000)
        gate = server.hold_next("POST /channels/*/messages")
        gate.release()
        server.fail_next("POST /channels/*/messages", status=503, times=1)
        with pytest.raises(PlatformUnavailable):
            await b.platform.deliver(wanted, NOTHING)
        community.clock.advance(3600)  # no nonce lives that long
        shown = await b.platform.deliver(wanted, NOTHING)
        assert len(channel.bot_messages) == len(shown.messages) == 3


async def test_a_message_that_somebody_deleted_is_not_sent_again(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        shown = await b.platform.deliver(delivery(place(channel), "one", final=False), NOTHING)
        await server.delete(channel.bot_messages[0])
        shown = await b.platform.deliver(delivery(place(channel), "one two " * 1000, final=False), shown)
        assert [each.gone for each in shown.messages] == [True]
        before = len(server.requests)
        await b.platform.deliver(delivery(place(channel), "one two three " * 1000), shown)
        assert len(server.requests) == before
        assert channel.bot_messages == []


async def test_a_deleted_channel_or_a_lost_right_is_a_gone_place(community: Community) -> None:
    server = community.server
    doomed, closed = community.guild.add_text_channel("doomed"), community.guild.add_text_channel("closed")
    closed.overwrite(community.guild.everyone, deny=Permission.SEND_MESSAGES)
    async with bench(server) as b:
        doomed.delete()
        for channel in (doomed, closed):
            with pytest.raises(PlaceGone) as raised:
                await b.platform.deliver(delivery(place(channel), "hello?"), NOTHING)
            assert raised.value.barred == (channel is closed)


async def test_what_may_not_be_taken_away_now_does_not_count_as_gone(community: Community) -> None:
    channel = community.guild.add_text_channel("closing")
    async with bench(community.server) as b:
        shown = await b.platform.deliver(delivery(place(channel), "hello?"), NOTHING)
        channel.overwrite(community.server.bot, deny=Permission.VIEW_CHANNEL)
        with pytest.raises(PlaceGone) as raised:
            await b.platform.deliver(delivery(place(channel), ""), shown)
        assert raised.value.barred
        assert raised.value.shown == shown


async def test_an_answer_to_a_deleted_question_is_still_shown(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await server.say(channel, community.ada, "<@BOT> hm")
    await server.delete(question)
    async with bench(server) as b:
        await b.platform.deliver(delivery(place(channel), "Yes?", reply_to=str(question.id)), NOTHING)
        assert [message.content for message in channel.bot_messages] == ["Yes?"]


async def test_an_outage_of_discord_can_be_tried_again(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        server.fail_next("POST /channels/*/messages", status=503)
        with pytest.raises(PlatformUnavailable):
            await b.platform.deliver(delivery(place(channel), "hello"), NOTHING)
        await b.platform.deliver(delivery(place(channel), "hello"), NOTHING)
        assert len(channel.bot_messages) == 1


async def test_without_a_connection_nothing_can_be_delivered_for_now(community: Community) -> None:
    async with bench(community.server) as b:
        pass
    with pytest.raises(PlatformUnavailable):
        await b.platform.deliver(delivery(place(community.channel), "hello"), NOTHING)
    await b.platform.typing(place(community.channel))


async def test_buttons_stand_under_the_last_message_only(community: Community) -> None:
    server, channel = community.server, community.channel
    actions = tuple(Action(id=f"a{number}", label="x" * 100) for number in range(7))
    async with bench(server) as b:
        await b.platform.deliver(delivery(place(channel), "word " * 500, actions=actions), NOTHING)
        first, last = channel.bot_messages
        assert first.buttons == []
        assert [button["custom_id"] for button in last.buttons] == [action.id for action in actions]


async def test_every_line_of_the_lead_stands_small_above_the_text(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        await b.platform.deliver(delivery(place(channel), "w " * 1500, lead="A demo model\nspeaks."), NOTHING)
        first, second = channel.bot_messages
        assert first.content.startswith("-# A demo model\n-# speaks.\nw w")
        assert not second.content.startswith("-#")


async def test_with_final_only_an_open_answer_shows_typing_and_posts_nothing(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server, streaming=FINAL_ONLY) as b:
        assert await b.platform.deliver(delivery(place(channel), "half of", final=False), NOTHING) == NOTHING
        assert channel.typing
        assert channel.bot_messages == []
        private = delivery(place(server.dm(community.ada)), "half", final=False, only=f"discord:{community.ada.id}")
        assert await b.platform.deliver(private, NOTHING) == NOTHING
        assert not server.dm(community.ada).typing
        await b.platform.deliver(delivery(place(channel), "half of it"), NOTHING)
        assert [message.texts for message in channel.bot_messages] == [["half of it"]]


async def test_typing_in_a_place_that_is_gone_does_no_harm(community: Community) -> None:
    doomed = community.guild.add_text_channel("doomed")
    async with bench(community.server) as b:
        doomed.delete()
        await b.platform.typing(place(doomed))
        await b.platform.typing(place(community.channel))
        assert community.channel.typing

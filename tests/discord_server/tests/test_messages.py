"""Messages between people and a real discord.py client."""

from __future__ import annotations

import io

import aiohttp
import discord
import pytest
from PIL import Image

from tests.discord_server import Channel, DiscordServer, DriverError, ManualClock, Permission, Upload, User
from tests.discord_server.tests.conftest import Bot, Running


def there(bot: Bot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_message_with_a_file_reaches_the_client_and_its_answer_reaches_the_channel(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        await server.say(channel, ana, "<@BOT> hi", attachments=[Upload(filename="a.txt", data=b"bonjour")])
        await server.wait_for(lambda: bot.heard)
        heard = bot.heard[0]
        assert heard.content == f"{server.bot.mention} hi"
        assert heard.author.display_name == "ana"
        assert bot.user in heard.mentions
        assert await heard.attachments[0].read() == b"bonjour"
        answer = await heard.reply("hello", file=discord.File(io.BytesIO(b"x"), "me.py"), suppress_embeds=True)
        await answer.edit(content="hello!", suppress=True)
        shown = channel.bot_messages[0]
        assert shown.texts == ["hello", "hello!"]
        assert shown.attachments[0].filename == "me.py"
        assert shown.pinged == {ana.id}
        assert shown.embeds_suppressed
        await answer.edit(content="hello, with previews")  # discord.py brings them back unless told otherwise
        assert not shown.embeds_suppressed


async def test_an_image_has_its_size_and_its_address_dies_after_a_day(
    server: DiscordServer, running: Running, channel: Channel, ana: User, clock: ManualClock
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20)).save(picture, "PNG")
    async with running() as bot:
        said = await server.say(channel, ana, attachments=[Upload(filename="a.png", data=picture.getvalue())])
        await server.wait_for(lambda: bot.heard)
        attachment = bot.heard[0].attachments[0]
        assert (attachment.width, attachment.height, attachment.content_type) == (30, 20, "image/png")
        clock.advance(24 * 3600)
        with pytest.raises(discord.NotFound):
            await attachment.read()
        fresh = await there(bot, channel).fetch_message(said.id)
        assert await fresh.attachments[0].read() == picture.getvalue()
        async with aiohttp.ClientSession() as session:
            async with session.get(fresh.attachments[0].url.replace("hm=", "hm=0")) as answer:
                assert answer.status == 404
            await server.delete(said)
            async with session.get(fresh.attachments[0].url) as answer:
                assert answer.status == 404


async def test_an_edit_and_a_deletion_by_their_author_are_heard(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        said = [await server.say(channel, ana, text) for text in ("one", "two", "three")]
        await server.edit(said[0], "changed")
        await server.delete(said[0])
        await server.bulk_delete(said[1:])
        await server.wait_for(lambda: bot.saw("bulk_message_delete"))
        assert [after.content for _, after in bot.saw("message_edit")] == ["changed"]
        assert [message.content for (message,) in bot.saw("message_delete")] == ["changed"]
        assert not channel.messages


async def test_a_reaction_goes_both_ways(server: DiscordServer, running: Running, channel: Channel, ana: User) -> None:
    async with running() as bot:
        said = await server.say(channel, ana, "well?")
        await server.wait_for(lambda: bot.heard)
        await bot.heard[0].add_reaction("👍")
        await server.react(said, ana, "👍")
        await server.wait_for(lambda: len(bot.saw("reaction_add")) == 2)
        assert server.names(said.reactions["👍"]) == {"ana", "Calanque"}
        await bot.heard[0].remove_reaction("👍", discord.Object(server.bot.id))
        await server.wait_for(lambda: bot.saw("reaction_remove"))
        assert server.names(said.reactions["👍"]) == {"ana"}
        assert (await there(bot, channel).fetch_message(said.id)).reactions[0].count == 1


async def test_history_is_read_in_pages_in_every_direction(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    for number in range(120):
        await server.say(channel, ana, str(number))
    ids = list(channel.messages)
    async with running() as bot:
        place = there(bot, channel)
        assert [m.content async for m in place.history(limit=None)] == [str(n) for n in reversed(range(120))]
        after = [m.content async for m in place.history(limit=None, after=discord.Object(ids[9]))]
        assert after == [str(n) for n in range(10, 120)]
        around = [m.content async for m in place.history(limit=5, around=discord.Object(ids[50]))]
        assert sorted(around) == ["48", "49", "50", "51", "52"]


async def test_direct_messages_go_both_ways_unless_the_person_closed_them(
    server: DiscordServer, running: Running, ana: User
) -> None:
    async with running() as bot:
        await server.say(server.dm(ana), ana, "psst")
        await server.wait_for(lambda: bot.heard)
        assert isinstance(bot.heard[0].channel, discord.DMChannel)
        await bot.heard[0].channel.send("yes?")
        assert [message.content for message in server.dm(ana).bot_messages] == ["yes?"]
        closed = await bot.fetch_user(server.add_user("bo", accepts_dms=False).id)
        with pytest.raises(discord.Forbidden, match="50007"):
            await closed.send("hello")


async def test_a_thread_is_made_joined_written_in_and_archived(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        said = await server.say(channel, ana, "a long story")
        await server.wait_for(lambda: bot.heard)
        thread = await bot.heard[0].create_thread(name="story")
        await thread.send("go on")
        assert said.thread is not None
        assert said.thread.id == said.id
        await server.say(said.thread, ana, "so it was")
        await server.wait_for(lambda: bot.heard[-1].content == "so it was")
        assert isinstance(bot.heard[-1].channel, discord.Thread)
        assert server.names(said.thread.thread_members) == {"ana", "Calanque"}
        await thread.edit(archived=True)
        assert said.thread.archived
        assert [each.id async for each in there(bot, channel).archived_threads()] == [thread.id]
        await server.say(said.thread, ana, "and more")
        await server.wait_for(lambda: bot.heard[-1].content == "and more")
        assert [each.id for each in await bot.guilds[0].active_threads()] == [thread.id]


async def test_a_private_thread_is_silent_until_the_bot_is_in_it(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    thread = channel.add_thread("secret", ana, private=True)
    async with running() as bot:
        await server.say(thread, ana, "between us")
        await server.say(thread, ana, "<@BOT> come in")
        await server.say(thread, ana, "welcome")
        await server.wait_for(lambda: len(bot.heard) == 2)
        assert bot.saw("thread_join")
        assert [message.content for message in bot.heard] == [f"{server.bot.mention} come in", "welcome"]


async def test_a_forwarded_message_is_a_copy_without_its_author(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        said = await server.say(channel, ana, "the news", attachments=[Upload(filename="a.txt", data=b"more")])
        await server.forward(said, server.dm(ana), ana)
        await server.wait_for(lambda: len(bot.heard) == 2)
        copy = bot.heard[1].message_snapshots[0]
        assert copy.content == "the news"
        assert await copy.attachments[0].read() == b"more"


async def test_webhooks_write_under_any_name_and_are_not_people(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    guild = channel.guild
    assert guild is not None
    guild.set_role(guild.bot_role, Permission.MANAGE_WEBHOOKS)
    async with running() as bot:
        hook = await there(bot, channel).create_webhook(name="mirror")
        sent = await hook.send("through the mirror", username="somebody", wait=True)
        await hook.edit_message(sent.id, content="through it")
        await server.webhook_say(channel, "a feed", "an item")
        await server.wait_for(lambda: len(bot.heard) == 2)
        assert [(each.author.name, bool(each.webhook_id)) for each in bot.heard] == [
            ("somebody", True),
            ("a feed", True),
        ]
        assert next(iter(channel.messages.values())).texts == ["through the mirror", "through it"]
        await hook.delete()
        with pytest.raises(discord.NotFound, match="10015"):
            await hook.send("gone")


async def test_pins_are_listed_newest_first(
    server: DiscordServer, running: Running, channel: Channel, ana: User, clock: ManualClock
) -> None:
    guild = channel.guild
    assert guild is not None
    said = [await server.say(channel, ana, text) for text in ("one", "two")]
    async with running() as bot:
        message = await there(bot, channel).fetch_message(said[0].id)
        with pytest.raises(discord.Forbidden, match="50013"):
            await message.pin()
        guild.set_role(guild.bot_role, Permission.PIN_MESSAGES)
        await message.pin()
        clock.advance(1)
        await (await there(bot, channel).fetch_message(said[1].id)).pin()
        assert [each.content async for each in there(bot, channel).pins()] == ["two", "one"]


async def test_discords_own_messages_and_previews_are_heard_as_what_they_are(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        said = await server.say(channel, ana, "see https://example.org")
        await server.unfurl(said, {"type": "link", "url": "https://example.org", "title": "An example"})
        await server.pin(said, ana)
        await server.announce(7, channel, ana)
        channel.add_thread("aside", ana)
        await server.say(channel, ana, stickers=["wave"])
        await server.wait_for(lambda: len(bot.heard) == 5)
        kinds = [message.type for message in bot.heard]
        own = [discord.MessageType.pins_add, discord.MessageType.new_member, discord.MessageType.thread_created]
        assert kinds == [discord.MessageType.default, *own, discord.MessageType.default]
        assert bot.heard[-1].stickers[0].name == "wave"
        (_, after), *_ = bot.saw("message_edit")
        assert after.embeds[0].title == "An example"
        assert after.edited_at is None
        assert [each.content for each in channel.by(ana)] == ["see https://example.org", ""]


async def test_a_file_may_fail_to_come(server: DiscordServer, running: Running, channel: Channel, ana: User) -> None:
    async with running() as bot:
        await server.say(channel, ana, attachments=[Upload(filename="a.txt", data=b"bonjour")])
        await server.wait_for(lambda: bot.heard)
        attachment = bot.heard[0].attachments[0]
        server.fail_next("GET /cdn/*", status=502)
        with pytest.raises(discord.HTTPException):
            await attachment.read()
        server.fail_next("GET /cdn/*", status=None, times=2)  # aiohttp repeats a GET on a kept connection once
        with pytest.raises((aiohttp.ClientError, OSError)):
            await attachment.read()
        assert await attachment.read() == b"bonjour"


async def test_people_cannot_do_what_discord_would_not_let_them(
    server: DiscordServer, channel: Channel, ana: User
) -> None:
    with pytest.raises(DriverError, match="50035"):
        await server.say(channel, ana, "x" * 2001)
    channel.overwrite(ana, deny=Permission.SEND_MESSAGES)
    with pytest.raises(DriverError, match="50013"):
        await server.say(channel, ana, "hello")
    with pytest.raises(DriverError, match="50001"):
        await server.say(channel, server.add_user("stranger"), "hello")
    rich = server.add_user("bo", nitro=True)
    assert channel.guild is not None
    channel.guild.add_member(rich)
    await server.say(channel, rich, "x" * 4000)

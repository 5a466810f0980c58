"""Who is told what: by intents, by what is seen, by shard, and of guilds that come and go."""

from __future__ import annotations

import discord

from tests.discord_server import Channel, DiscordServer, Permission, User
from tests.discord_server.tests.conftest import Running, contents, wanted


async def test_without_the_content_intent_only_mentions_replies_and_direct_messages_have_words(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running(wanted(message_content=False)) as bot:
        await server.say(channel, ana, "among people")
        await server.say(channel, ana, "<@BOT> to you")
        await server.say(server.dm(ana), ana, "in private")
        found = bot.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        own = await found.send("mine")
        await server.say(channel, ana, "a reply", reply_to=channel.messages[own.id])
        await server.say(channel, ana, "a silent reply", reply_to=channel.messages[own.id], ping=False)
        await server.wait_for(lambda: len(bot.heard) == 6)
        assert contents(bot) == ["", f"{server.bot.mention} to you", "in private", "mine", "a reply", ""]


async def test_events_that_were_not_asked_for_and_channels_that_are_not_seen_stay_silent(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    guild = channel.guild
    assert guild is not None
    hidden = guild.add_text_channel("hidden")
    hidden.overwrite(server.bot, deny=Permission.VIEW_CHANNEL)
    async with running(wanted(dm_messages=False, guild_typing=False)) as bot:
        await server.say(hidden, ana, "not for you")
        await server.say(server.dm(ana), ana, "not asked for")
        await server.type(channel, ana)
        await server.say(channel, ana, "heard")
        await server.wait_for(lambda: bot.heard)
        assert contents(bot) == ["heard"]
        assert not bot.saw("raw_typing")


async def test_each_shard_hears_of_its_own_guilds_and_the_first_of_direct_messages(
    server: DiscordServer, running: Running, ana: User
) -> None:
    guilds = [server.add_guild(f"harbour-{number}") for number in range(4)]
    for guild in guilds:
        guild.add_member(ana)
    server.gateway.shards = 2
    async with running() as bot:
        await server.wait_for(lambda: len(bot.guilds) == 4)
        assert bot.shard_count == 2
        assert {each.shard_id for each in bot.guilds} == {0, 1}
        for guild in guilds:
            await server.say(guild.add_text_channel("new"), ana, f"in {guild.name}")
        await server.say(server.dm(ana), ana, "in private")
        await server.wait_for(lambda: len(bot.heard) == 5)


async def test_members_are_chunked_for_who_may_ask(server: DiscordServer, running: Running, channel: Channel) -> None:
    guild = channel.guild
    assert guild is not None
    for number in range(3):
        guild.add_member(server.add_user(f"person-{number}"))
    async with running(wanted(members=True)) as bot:
        members = await bot.guilds[0].chunk()
        assert {member.name for member in members} == {
            "operator",
            "ana",
            "Calanque",
            "person-0",
            "person-1",
            "person-2",
        }


async def test_a_guild_that_throws_the_bot_out_is_gone_and_can_come_back(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    guild = channel.guild
    assert guild is not None
    async with running() as bot:
        guild.remove_member(server.bot)
        await server.wait_for(lambda: not bot.guilds)
        server.world.invite(guild, Permission.ADMINISTRATOR)
        await server.wait_for(lambda: bot.saw("guild_join"))
        assert bot.guilds[0].me.guild_permissions.administrator
        server.world.set_availability(guild, available=False)
        await server.wait_for(lambda: bot.saw("guild_unavailable"))
        server.world.set_availability(guild, available=True)
        await server.wait_for(lambda: len(bot.saw("guild_available") + bot.saw("guild_join")) == 3)

"""Messages between people and a real discord.py client."""

from __future__ import annotations

import discord

from tests.discord_server import DiscordServer, Upload
from tests.discord_server.tests.conftest import Running


async def test_a_message_with_a_file_reaches_the_client_and_its_answer_reaches_the_channel(
    server: DiscordServer, running: Running
) -> None:
    guild = server.add_guild()
    channel = guild.add_text_channel("general")
    ana = server.add_user("ana")
    guild.add_member(ana)
    async with running() as bot:
        await server.say(channel, ana, "<@BOT> hi", attachments=[Upload(filename="a.txt", data=b"bonjour")])
        await server.wait_for(lambda: bot.heard)
        heard = bot.heard[0]
        assert heard.content == f"{server.bot.mention} hi"
        assert heard.author.display_name == "ana"
        assert bot.user in heard.mentions
        assert await heard.attachments[0].read() == b"bonjour"
        answer = await heard.reply("hello", files=[discord.File(__file__, "me.py")])
        await answer.edit(content="hello!")
        shown = channel.bot_messages[0]
        assert shown.texts == ["hello", "hello!"]
        assert shown.attachments[0].filename == "me.py"
        assert shown.pinged == {ana.id}

"""What people would write themselves in ten minutes: discord.py as it comes, and Ollama's own client.

It forgets everything, streams nothing, counts nothing, reads no pictures. It stands here to be compared with.
"""

from __future__ import annotations

import os

import discord
import ollama
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["BOT_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["BOT_GATEWAY_URL"])

intents = discord.Intents.default()
intents.message_content = True
bot = commands.Bot(command_prefix="!", intents=intents)
engine = ollama.AsyncClient(os.environ["BOT_ENGINE_URL"])


@bot.listen()
async def on_message(message: discord.Message) -> None:
    if bot.user is None or not bot.user.mentioned_in(message) or message.author.bot:
        return
    async with message.channel.typing():
        answer = await engine.chat(
            os.environ["BOT_MODEL"],
            messages=[
                {"role": "system", "content": "You are a helpful member of this server."},
                {"role": "user", "content": message.clean_content},
            ],
        )
    await message.reply((answer.message.content or "")[:2000])


bot.run(os.environ["BOT_TOKEN"])

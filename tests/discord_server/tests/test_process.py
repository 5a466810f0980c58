"""The server as a process of its own, driven over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_server.tests.conftest import Bot, wanted


async def test_a_bot_of_this_process_is_asked_and_heard_through_the_control_routes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ["-m", "tests.discord_server", "--guilds", "3", "--members", "2"]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line: dict[str, Any] = json.loads(await process.stdout.readline())
        monkeypatch.setattr(Route, "BASE", line["api_url"])
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(line["gateway_url"]))
        async with aiohttp.ClientSession(line["control_url"] + "/") as control:
            assert await _converse(control, line["token"], line["guilds"][1]["channels"][0]) == "echo: hi"
            async with control.get("stats") as answer:
                stats = await answer.json()
            assert stats["guilds"] == 3
            assert stats["requests"]["POST /channels/{channel_id}/messages 200"] == 1
    finally:
        process.terminate()
        assert await process.wait() == 0


async def _converse(control: aiohttp.ClientSession, token: str, channel: str) -> str:
    class Echo(Bot):
        async def on_message(self, message: discord.Message) -> None:
            if not message.author.bot:
                await message.channel.send("echo: " + message.content.split(maxsplit=1)[1])

    async with asyncio.TaskGroup() as tasks, Echo(wanted()) as bot:
        tasks.create_task(bot.start(token))
        async with control.post("ready", json={}) as answer:
            assert answer.status == 200
        async with control.post("say", json={"channel": channel, "content": "<@BOT> hi"}) as answer:
            said = await answer.json()
        wait = {"channel": said["channel"], "after": said["message"], "contains": "echo"}
        async with control.post("answer", json=wait) as answer:
            heard = await answer.json()
        await bot.close()
    assert heard["at"] >= said["at"]
    return heard["messages"][0]["text"]

"""Connections that break, sessions that come back, and clients that are thrown out."""

from __future__ import annotations

import asyncio
import json
import zlib
from datetime import timedelta

import aiohttp
import discord
import pytest
import zstandard

from tests.discord_server import ApplicationFlag, Channel, DiscordServer, ManualClock, User
from tests.discord_server.compression import compressor
from tests.discord_server.tests.conftest import Bot, Running, contents, wanted


@pytest.mark.parametrize("code", [None, 4000, 1000])
async def test_a_dropped_connection_resumes_and_replays_what_was_missed(
    server: DiscordServer, running: Running, channel: Channel, ana: User, code: int | None
) -> None:
    async with running() as bot:
        await server.say(channel, ana, "one")
        server.gateway.drop(code)
        await server.say(channel, ana, "two")
        await server.wait_for(lambda: server.gateway.resumed)
        await server.say(channel, ana, "three")
        await server.wait_for(lambda: len(bot.heard) == 3)
        assert contents(bot) == ["one", "two", "three"]
        assert server.gateway.identified == 1
        assert bot.saw("resumed")


async def test_op_7_brings_the_client_back_by_a_resume(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        server.gateway.reconnect()
        await server.wait_for(lambda: server.gateway.resumed)
        await server.say(channel, ana, "still there?")
        await server.wait_for(lambda: bot.heard)
        assert server.gateway.identified == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_op_9_resumes_or_identifies_anew(
    server: DiscordServer, running: Running, channel: Channel, ana: User, resumable: bool
) -> None:
    async with running() as bot:
        server.gateway.invalidate(resumable=resumable)
        await server.say(channel, ana, "missed")
        await server.wait_for(lambda: server.gateway.resumed if resumable else server.gateway.identified == 2)
        await server.say(channel, ana, "heard")
        await server.wait_for(lambda: contents(bot)[-1:] == ["heard"])
        assert contents(bot) == (["missed", "heard"] if resumable else ["heard"])


async def test_a_resume_after_its_window_is_refused_and_nothing_is_replayed(
    server: DiscordServer, running: Running, channel: Channel, ana: User, clock: ManualClock
) -> None:
    async with running() as bot:
        server.gateway.accepting = False
        server.gateway.drop()
        await server.wait_for(lambda: not server.gateway.live)
        await server.say(channel, ana, "missed")
        clock.advance(server.gateway.resume_window / timedelta(seconds=1) + 1)
        server.gateway.accepting = True
        await server.wait_for(lambda: server.gateway.identified == 2)
        await server.say(channel, ana, "heard")
        await server.wait_for(lambda: bot.heard)
        assert contents(bot) == ["heard"]
        assert server.gateway.resumed == 0


async def test_a_zombie_connection_is_left_and_resumed(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    server.gateway.heartbeat_interval = 0.1
    async with running(heartbeat_timeout=0.2) as bot:
        server.gateway.silence()
        await server.say(channel, ana, "swallowed")
        server.gateway.heartbeat_interval = 40
        await server.wait_for(lambda: bot.heard)
        assert contents(bot) == ["swallowed"]
        assert server.gateway.resumed == 1


async def test_a_client_without_heartbeats_is_closed_with_4009(server: DiscordServer) -> None:
    server.gateway.heartbeat_interval = 0.02
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?v=10") as socket:
        assert (await socket.receive_json())["op"] == 10
        message = await socket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4009)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": 1 << 15}, 4014),
    ],
)
async def test_a_wrong_identify_is_closed_with_its_code(
    server: DiscordServer, changes: dict[str, object], code: int
) -> None:
    server.world.application_flags = ApplicationFlag(0)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?v=10") as socket:
        await socket.receive_json()
        data = {"token": server.token, "properties": {}, "intents": 1, **changes}
        await socket.send_json({"op": 2, "d": data})
        assert (await socket.receive()).data == code


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (["not json"], 4002),
        ([json.dumps({"op": 3, "d": {}})], 4003),
        ([json.dumps({"op": 99})], 4001),
        ([json.dumps({"op": 2, "d": {}, "x": "y" * 4096})], 4002),
        ([json.dumps({"op": 1, "d": None})] * 121, 4008),
    ],
)
async def test_what_a_client_may_not_say_is_closed_with_its_code(
    server: DiscordServer, sent: list[str], code: int
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?v=10") as socket:
        for text in sent:
            await socket.send_str(text)
        async for _ in socket:
            continue
        assert socket.close_code == code


async def test_sessions_are_not_started_faster_than_allowed(server: DiscordServer) -> None:
    server.gateway.identify_every = 60
    identify = {"op": 2, "d": {"token": server.token, "properties": {}, "intents": 1}}
    async with aiohttp.ClientSession() as session:
        for expected in ((0, "READY"), (9, None)):
            async with session.ws_connect(f"{server.gateway_url}?v=10") as socket:
                await socket.receive_json()
                await socket.send_json(identify)
                answer = await socket.receive_json()
                assert (answer["op"], answer["t"]) == expected


async def test_leaving_properly_ends_the_session(server: DiscordServer, running: Running) -> None:
    async with running():
        assert len(server.gateway.live) == 1
    await server.wait_for(lambda: not server.gateway.connections)
    assert server.gateway.left_with == [1000]
    assert not server.gateway.sessions


async def test_a_token_that_is_reset_throws_the_client_out(server: DiscordServer) -> None:
    async with Bot(wanted()) as bot, asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_thrown_out(bot, server.token))
        await server.wait_for(bot.is_ready)
        server.gateway.reset_token()
        assert await task == 4004


async def _thrown_out(bot: Bot, token: str) -> int:
    with pytest.raises(discord.ConnectionClosed) as closed:
        await bot.start(token)
    return closed.value.code


async def test_the_client_names_the_intent_that_is_not_granted(server: DiscordServer) -> None:
    server.world.application_flags = ApplicationFlag(0)
    bot = Bot(wanted())
    async with bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.start(server.token)


async def test_a_wrong_token_is_refused_at_login(server: DiscordServer) -> None:
    async with Bot(wanted()) as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.start("nobody's token")


async def test_the_budget_of_identifies_is_counted_and_ends_with_a_new_token(server: DiscordServer) -> None:
    server.gateway.budget = 0
    before = server.token
    async with Bot(wanted()) as bot:
        with pytest.raises(discord.ConnectionClosed) as closed:
            await bot.start(server.token)
    assert closed.value.code == 4004
    assert server.token != before


@pytest.mark.parametrize("name", ["zlib-stream", "zstd-stream"])
def test_compressed_messages_are_one_stream_that_can_be_read_message_by_message(name: str) -> None:
    stream = compressor(name)
    assert stream is not None
    reader = zlib.decompressobj() if name == "zlib-stream" else zstandard.ZstdDecompressor().decompressobj()
    for text in ("first", "second é", "x" * 100_000):
        assert reader.decompress(stream.compress(text)).decode() == text

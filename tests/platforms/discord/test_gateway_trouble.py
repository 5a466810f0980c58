"""The gateway in bad moods: whatever becomes of a connection, everything is heard, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.platforms.discord import client, starts
from bot.talk.event import Said
from tests.discord_server import DiscordServer
from tests.platforms.discord.bench import Bench, Facts, bench
from tests.platforms.discord.conftest import Community

SILENCE = 0.4
"""Seconds after which a silent connection is given up here."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SILENCE_SECONDS", SILENCE)
    monkeypatch.setattr(starts, "PAUSES", (0.05,))


def texts(b: Bench) -> list[str]:
    return [event.message.text for event in b.ears.all(Said)]


def _forget(server: DiscordServer) -> None:
    server.gateway.drop()
    server.gateway.sessions.clear()


def _refuse_for_a_while(server: DiscordServer) -> None:
    gateway = server.gateway
    gateway.accepting = False
    gateway.drop()
    asyncio.get_running_loop().call_later(0.15, setattr, gateway, "accepting", True)


def _greet_nobody_for_a_while(server: DiscordServer) -> None:
    gateway = server.gateway
    gateway.greeting = False
    gateway.drop()
    asyncio.get_running_loop().call_later(0.3, setattr, gateway, "greeting", True)


def _refuse_to_resume(server: DiscordServer) -> None:
    server.gateway.resuming = False
    server.gateway.reconnect()


TROUBLE: dict[str, tuple[Callable[[DiscordServer], None], bool]] = {
    "cut without a word": (lambda server: server.gateway.drop(), True),
    "closed with 1000": (lambda server: server.gateway.drop(1000), True),
    "closed with 1001": (lambda server: server.gateway.drop(1001), True),
    "closed with 4000": (lambda server: server.gateway.drop(4000), True),
    "closed with 4009": (lambda server: server.gateway.drop(4009), True),
    "op 7": (lambda server: server.gateway.reconnect(), True),
    "op 9, resumable": (lambda server: server.gateway.invalidate(resumable=True), True),
    "op 9, not resumable": (lambda server: server.gateway.invalidate(resumable=False), False),
    "half-open": (lambda server: server.gateway.silence(), True),
    "session forgotten": (_forget, False),
    "RESUME refused": (_refuse_to_resume, False),
    "nobody let in for a while": (_refuse_for_a_while, True),
    "nobody greeted for a while": (_greet_nobody_for_a_while, True),
}


@pytest.mark.parametrize("name", TROUBLE)
async def test_whatever_becomes_of_the_connection_everything_is_heard_once_and_in_order(
    community: Community, name: str
) -> None:
    server, channel = community.server, community.channel
    server.gateway.heartbeat_interval = 0.2
    cause, resumes = TROUBLE[name]
    async with bench(server, facts=Facts()) as b:
        community.clock.advance(2)
        await server.say(channel, community.ada, "before")
        await b.ears.said("before")
        cause(server)
        await server.say(channel, community.ada, "meanwhile")
        await b.ears.said("meanwhile")
        await server.until_connected()
        await server.say(channel, community.ada, "after")
        await b.ears.said("after")
        assert texts(b) == ["before", "meanwhile", "after"]
        assert server.gateway.identified == (1 if resumes else 2)
        assert not b.running.done()


async def test_a_connection_whose_heartbeats_nobody_answers_is_given_up(community: Community) -> None:
    server = community.server
    server.gateway.heartbeat_interval = 0.2
    async with bench(server, facts=Facts()) as b:
        server.gateway.zombify()
        await server.wait_for(lambda: server.gateway.resumed == 1)
        await server.say(community.channel, community.ada, "there you are")
        await b.ears.said("there you are")


async def test_when_the_time_for_a_resume_is_over_what_was_missed_is_read(community: Community) -> None:
    server = community.server
    async with bench(server, facts=Facts()) as b:
        community.clock.advance(2)
        server.gateway.accepting = False
        server.gateway.drop()
        await server.wait_for(lambda: not server.gateway.live)
        await server.say(community.channel, community.ada, "meanwhile")
        community.clock.advance(600)
        server.gateway.accepting = True
        await b.ears.said("meanwhile")
        assert server.gateway.identified == 2


async def test_a_session_whose_gateway_stays_shut_is_begun_anew_elsewhere(community: Community) -> None:
    server = community.server
    async with bench(server, facts=Facts()) as b:
        community.clock.advance(2)
        server.gateway.accepting = False
        server.gateway.drop()
        await server.wait_for(lambda: server.gateway.refused > 8)
        server.gateway.accepting = True
        await server.say(community.channel, community.ada, "hello?")
        await b.ears.said("hello?")
        assert server.gateway.identified == 2


async def test_one_shard_that_is_lost_catches_up_alone(community: Community) -> None:
    server = community.server
    server.gateway.shards = 2
    other = server.add_guild("second")
    other.add_member(community.ada)
    there = other.add_text_channel("there")
    async with bench(server, facts=Facts(), connected=False, shards=2) as b:
        await server.until_connected(2)
        async with asyncio.timeout(30):
            await b.platform.ready.wait()
        community.clock.advance(2)
        server.gateway.invalidate(resumable=False, shard=1)
        for channel in (community.channel, there):
            await server.say(channel, community.ada, f"meanwhile in {channel.name}")
        for channel in (community.channel, there):
            await b.ears.said(f"meanwhile in {channel.name}")
        await server.until_connected(2)
        assert len(texts(b)) == 2
        assert server.gateway.identified == 3

"""A loopback Discord with a small community in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from bot.platforms.discord import client
from tests.discord_server import Channel, DiscordServer, Guild, ManualClock, User


@dataclass(slots=True, kw_only=True)
class Community:
    server: DiscordServer
    clock: ManualClock
    guild: Guild
    channel: Channel
    ada: User
    grace: User


@pytest.fixture
async def community(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Community]:
    monkeypatch.setattr(client, "READY_SECONDS", 0.05)
    clock = ManualClock()
    async with DiscordServer(clock=clock) as server:
        guild = server.add_guild("harbour")
        ada, grace = server.add_user("Ada"), server.add_user("Grace")
        for user in (ada, grace):
            guild.add_member(user)
        channel = guild.add_text_channel("quay")
        yield Community(server=server, clock=clock, guild=guild, channel=channel, ada=ada, grace=grace)

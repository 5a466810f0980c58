"""Points an unmodified discord.py at the loopback server, and back."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer


@contextmanager
def pointed_at(server: DiscordServer) -> Generator[None]:
    """While open, every discord.py client of this process talks to `server`."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    setattr(discord.Asset, "BASE", server.cdn_url)  # noqa: B010 - its type is the one literal
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = before

"""Finds out which servers we were taken out of while the program was not running: Discord tells of it only then."""

from __future__ import annotations

import logging
from typing import Protocol

import discord

from bot.platforms.discord.client import Client
from bot.platforms.discord.commands import Facts
from bot.platforms.discord.read import NAME
from bot.talk.event import Left
from bot.talk.message import Place

FACT = "discord-application"
"""Under this name the application is remembered whose servers the stored places are in."""

_log = logging.getLogger(__name__)


class Kept(Facts, Protocol):
    """The part of the store that remembers small things and places."""

    async def places(self, platform: str) -> tuple[Place, ...]: ...


async def left_meanwhile(client: Client, kept: Kept) -> tuple[Left, ...]:
    """To be asked once all shards are ready. A server in an outage is among `client.guilds`, and is not left.

    Each absence is confirmed by Discord's API (403 or 404), since it deletes what was kept. With the token of another
    application nothing is left: it was never there. Raises what discord.py and the store raise.
    """
    ours = str(client.application_id)
    before = await kept.fact(FACT)
    if before != ours:
        await kept.save_fact(FACT, ours)
        if before is not None:
            _log.warning("The token is that of another Discord application: what is kept of its servers stays")
        return ()
    here = {str(guild.id) for guild in client.guilds}
    known = {place.guild for place in await kept.places(NAME) if place.guild is not None}
    return tuple([Left(platform=NAME, guild=each) for each in sorted(known - here) if await _gone(client, each)])


async def _gone(client: Client, guild: str) -> bool:
    try:
        await client.wire.get_guild(int(guild), with_counts=False)
    except (discord.Forbidden, discord.NotFound):
        return True
    return False

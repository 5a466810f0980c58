"""What is pinned in a channel, as it reads now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.errors import PlaceGone, PlatformUnavailable
from bot.platforms.discord.failures import TRANSIENT, translate
from bot.platforms.discord.read import read, spoken
from bot.talk.message import Message, Place

MOST_PINS = 250
"""As many as Discord lets people pin in a channel."""

PINS_SECONDS = 60.0


async def pinned(client: discord.Client | None, place: Place) -> Sequence[Message]:
    """Of what people wrote, not of what we wrote ourselves. Raises PlatformUnavailable, PlaceGone."""
    if client is None or client.user is None:
        raise PlatformUnavailable("Discord is not connected")
    channel = client.get_channel(int(place.id))
    if not isinstance(channel, discord.abc.Messageable):
        raise PlaceGone("the channel is not there, or holds no messages")
    me = client.user.id
    try:
        async with asyncio.timeout(PINS_SECONDS):
            found = [message async for message in channel.pins(limit=MOST_PINS)]
    except (discord.HTTPException, *TRANSIENT) as error:
        raise translate(error, "reading what is pinned") from error
    made = (read(message, me) for message in found if spoken(message) and message.author.id != me)
    return [message for message in made if message is not None]

"""Somebody was there before, left, and comes back: what tests of catching up begin with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.platforms.discord.watermark import FIRST_MARGIN
from bot.talk.event import CaughtUp, Said
from bot.talk.message import Place
from bot.talk.record import Recent
from tests.discord_server import Message
from tests.platforms.discord.bench import Bench, Facts, bench
from tests.platforms.discord.conftest import Community

AWAY = 600.0
"""Seconds for which nobody listens."""


def texts(b: Bench) -> list[str]:
    return [event.message.text for event in b.ears.all(Said)]


async def lived(community: Community, facts: Facts) -> None:
    """An earlier process was there, and left."""
    community.clock.advance(2 * FIRST_MARGIN.total_seconds())
    async with bench(community.server, facts=facts) as b:
        await b.ears.one(CaughtUp)
    community.clock.advance(2)


@asynccontextmanager
async def back(community: Community, facts: Facts, *, content: bool = True) -> AsyncGenerator[Bench]:
    """The next process, when it has caught up."""
    async with bench(community.server, facts=facts, message_content=content) as b:
        await b.ears.one(CaughtUp)
        yield b


def kept(community: Community, *messages: Message) -> tuple[Recent, ...]:
    """As the store knows them: never edited."""
    place = Place(platform="discord", id=str(community.channel.id), guild=str(community.guild.id))
    return tuple(Recent(place=place, message=str(each.id)) for each in messages)

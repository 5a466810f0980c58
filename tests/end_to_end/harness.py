"""The real program in this process, between a loopback Discord and an Ollama double, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot import app
from bot.settings import Agent, Data, Discord, EngineSettings, Limits, Page, Settings, Switch
from tests.discord_server import Channel, DiscordServer, Guild, User
from tests.ollama_server import OllamaServer

MODEL = "mistral-small3.1"
WITHIN = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A guild with one channel and two people, and the engine that the bot will think with."""

    discord: DiscordServer
    ollama: OllamaServer
    guild: Guild
    channel: Channel
    ana: User
    ben: User

    @property
    def mention(self) -> str:
        return f"<@{self.discord.bot.id}>"


@asynccontextmanager
async def town(ollama: OllamaServer | None = None) -> AsyncGenerator[Town]:
    engine = ollama or OllamaServer(model=MODEL)
    async with DiscordServer(rate_limits=False) as discord, engine:
        guild = discord.add_guild()
        channel = guild.add_text_channel("general")
        ana, ben = discord.add_user("ana"), discord.add_user("ben")
        guild.add_member(ana)
        guild.add_member(ben)
        yield Town(discord=discord, ollama=engine, guild=guild, channel=channel, ana=ana, ben=ben)


def settings_for(place: Town, folder: Path, *, page_port: int | None = None, token: str | None = None) -> Settings:
    """As an operator would set them, but pointing at the doubles."""
    return Settings(
        discord=Discord(
            token=SecretStr(token or place.discord.token),
            api_url=place.discord.api_url,
            gateway_url=place.discord.gateway_url,
        ),
        page=Page(enabled=Switch.OFF if page_port is None else Switch.ON, port=page_port or 0),
        engine=EngineSettings(url=place.ollama.url, model=MODEL, connect_seconds=2),
        data=Data(dir=folder),
        limits=Limits(shutdown_seconds=0),
        agent=Agent(max_steps=4),
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[asyncio.Task[None]]:
    """The program, from start to a proper stop. What it raises comes out here."""
    stop = asyncio.Event()
    program = asyncio.create_task(app.serve(settings, stop))
    try:
        yield program
    finally:
        stop.set()
        async with asyncio.timeout(WITHIN):
            await program


@asynccontextmanager
async def bot_in(place: Town, folder: Path) -> AsyncGenerator[None]:
    """The program on Discord, connected."""
    async with running(settings_for(place, folder)) as program:
        connected = asyncio.create_task(place.discord.until_connected(within=WITHIN))
        done, _ = await asyncio.wait({program, connected}, return_when=asyncio.FIRST_COMPLETED)
        if program in done:
            connected.cancel()
            program.result()
        await connected
        yield

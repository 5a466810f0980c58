"""The real program in this process, between a loopback Discord and an Ollama double, over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot import app
from bot.settings import Settings
from bot.storage.address import FILE_NAME
from tests.discord_server import ALL_FLAGS, ApplicationFlag, Channel, DiscordServer, Guild, ManualClock, User
from tests.ollama_server import OllamaServer
from tests.stores import with_tables

MODEL = "mistral-small3.1"
WITHIN = 60.0
PAGE_LOG = "bot.platforms.local.platform"
NOBODY_THERE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


T = TypeVar("T")


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
async def town(
    ollama: OllamaServer | None = None, *, flags: ApplicationFlag = ALL_FLAGS, clock: ManualClock | None = None
) -> AsyncGenerator[Town]:
    engine = ollama or OllamaServer(model=MODEL)
    async with DiscordServer(rate_limits=False, flags=flags, clock=clock) as discord, engine:
        guild = discord.add_guild()
        channel = guild.add_text_channel("general")
        ana, ben = discord.add_user("ana", nitro=True), discord.add_user("ben")
        guild.add_member(ana)
        guild.add_member(ben)
        yield Town(discord=discord, ollama=engine, guild=guild, channel=channel, ana=ana, ben=ben)


def settings_for(place: Town, folder: Path, **changes: Mapping[str, object]) -> Settings:
    """As an operator would set them, but pointing at the doubles. `changes` are by group: `engine={"window": 4096}`."""
    groups: dict[str, Mapping[str, object]] = {
        "discord": {
            "token": place.discord.token,
            "api_url": place.discord.api_url,
            "gateway_url": place.discord.gateway_url,
        },
        "page": {"enabled": "off", "port": 0},
        "health": {"port": 0},
        "engine": {"url": place.ollama.url, "model": MODEL, "connect_seconds": 2},
        "data": {"dir": folder},
        "limits": {"shutdown_seconds": 0},
        "agent": {"max_steps": 4},
    }
    for name, change in changes.items():
        groups[name] = {**groups.get(name, {}), **change}
    if not {"data", "database"} & changes.keys():
        with_tables(folder)
    return Settings.model_validate(groups)


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
async def bot_in(place: Town, folder: Path, **changes: Mapping[str, object]) -> AsyncGenerator[None]:
    """The program on Discord, connected."""
    async with running(settings_for(place, folder, **changes)) as program:
        await _before_it_ends(program, place.discord.until_connected(within=WITHIN))
        yield


@asynccontextmanager
async def page_of(settings: Settings) -> AsyncGenerator[str]:
    """The program with its page ready: the page's address, which the program says in its log."""
    with _said(PAGE_LOG, "The chat page is at ") as address:
        async with running(settings) as program:
            yield await _before_it_ends(program, _awaited(address))


async def _before_it_ends(program: asyncio.Task[None], wanted: Coroutine[object, object, T]) -> T:
    """What is waited for; where the program ends before, what it raised."""
    waiting = asyncio.create_task(wanted)
    async with asyncio.timeout(WITHIN):
        done, _ = await asyncio.wait({program, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if program in done:
        waiting.cancel()
        program.result()
    return await waiting


async def _awaited(future: asyncio.Future[T]) -> T:
    return await future


@contextmanager
def _said(logger: str, words: str) -> Generator[asyncio.Future[str]]:
    """What is logged behind these words."""
    rest: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            if line.startswith(words) and not rest.done():
                rest.set_result(line.removeprefix(words))

    listener, log = Listener(), logging.getLogger(logger)
    before = log.level
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    try:
        yield rest
    finally:
        log.removeHandler(listener)
        log.setLevel(before)


def usages(folder: Path) -> list[Mapping[str, int]]:
    """What each turn used, oldest first."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        return [json.loads(usage) for (usage,) in database.execute("select usage from turns order by rowid")]

"""A server, and real discord.py clients that run against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import discord
import pytest
from discord.ext import commands

from tests.discord_server import Channel, DiscordServer, ManualClock, User, pointed_at


class Bot(commands.AutoShardedBot):
    """Unmodified but for the five seconds between two IDENTIFYs."""

    def __init__(self, intents: discord.Intents, **options: Any) -> None:
        super().__init__(command_prefix=(), intents=intents, help_command=None, guild_ready_timeout=0.01, **options)
        self.heard: list[discord.Message] = []
        self.events: list[tuple[str, tuple[Any, ...]]] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        return

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append((event, args))
        super().dispatch(event, *args, **kwargs)

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    def saw(self, event: str) -> list[tuple[Any, ...]]:
        return [args for name, args in self.events if name == event]


Running = Callable[..., AbstractAsyncContextManager[Bot]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def server(clock: ManualClock) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(clock=clock) as server:
        with pointed_at(server):
            yield server
    leftover = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    if leftover:  # what was cancelled may take a moment of a busy machine to end
        _, leftover = await asyncio.wait(leftover, timeout=5)
    assert not leftover, "every task has ended"


@pytest.fixture
def ana(server: DiscordServer) -> User:
    return server.add_user("ana")


@pytest.fixture
def channel(server: DiscordServer, ana: User) -> Channel:
    guild = server.add_guild()
    guild.add_member(ana)
    return guild.add_text_channel("general")


@pytest.fixture
def running(server: DiscordServer) -> Running:
    """Runs a bot until the block ends; it is ready inside."""

    @asynccontextmanager
    async def run(intents: discord.Intents | None = None, **options: Any) -> AsyncGenerator[Bot]:
        bot = Bot(intents or wanted(), chunk_guilds_at_startup=False, **options)
        async with asyncio.TaskGroup() as tasks, bot:
            task = tasks.create_task(bot.start(server.token))
            await server.wait_for(lambda: bot.is_ready() or task.done())
            yield bot
            await bot.close()

    return run


def contents(bot: Bot) -> list[str]:
    """What it has heard, oldest first."""
    return [message.content for message in bot.heard]


def wanted(**changes: bool) -> discord.Intents:
    """What the bot asks for: everything but presences and members."""
    intents = discord.Intents.default()
    intents.message_content = True
    for name, value in changes.items():
        setattr(intents, name, value)
    return intents

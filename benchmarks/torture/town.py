"""Where it happens: guilds with channels and threads, direct messages, and the people who write there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harbour import MODEL, surroundings
from tests.discord_server import Channel, DiscordServer, User
from tests.ollama_server import OllamaServer
from tests.ollama_server.script import Step

GUILDS, CHANNELS, THREADS = 4, 5, 1  # channels and threads of each guild
PEOPLE = 30
DIRECT = 6  # people who also write to the bot alone
SLOTS = 4
WINDOW = 8192
TOKEN_SECONDS = 0.002
TALKED_IN = GUILDS * (CHANNELS + THREADS)
ROOMS = TALKED_IN + DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """`rooms`: channels and threads, then direct messages (with the only person who writes there)."""

    discord: DiscordServer
    engine: OllamaServer
    rooms: Sequence[Channel]
    people: Sequence[User]

    def author(self, room: Channel, index: int) -> User:
        return room.recipient or self.people[index % len(self.people)]

    def settings(self, folder: Path, database: Mapping[str, str]) -> Mapping[str, str]:
        """The environment of the program. Nobody is refused for asking too much: that is not what is measured."""
        return {
            **surroundings(self.discord, self.engine, folder / "data", window=WINDOW),
            "ENGINE_SLOTS": str(SLOTS),
            "LIMITS_QUEUE": "5000",
            "LIMITS_QUEUE_PER_PERSON": "100",
            "LIMITS_QUEUE_PER_CHANNEL": "1000",
            **database,
        }


@asynccontextmanager
async def town(says: Callable[[str], Step]) -> AsyncGenerator[Town]:
    """No rate limits and as many IDENTIFYs as anybody likes: both have tests of their own."""
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=says, slots=SLOTS, token_seconds=TOKEN_SECONDS) as engine,
    ):
        discord.gateway.budget = 10**9
        people = [discord.add_user(f"member-{number}") for number in range(PEOPLE)]
        rooms: list[Channel] = []
        threads: list[Channel] = []
        for number in range(GUILDS):
            guild = discord.add_guild(f"harbour-{number}")
            for person in people:
                guild.add_member(person)
            channels = [guild.add_text_channel(f"quay-{number}-{each}") for each in range(CHANNELS)]
            rooms += channels
            threads += [
                channel.add_thread(f"boat-{number}-{each}", people[0])
                for each, channel in enumerate(channels[:THREADS])
            ]
        direct = [discord.dm(person) for person in people[:DIRECT]]
        yield Town(discord=discord, engine=engine, rooms=[*rooms, *threads, *direct], people=people)

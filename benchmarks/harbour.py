"""Where the program is measured: a loopback Discord full of guilds and an Ollama double, in the benchmark's process.

Both doubles and the benchmark share one process and one monotonic clock; the program under measurement is another
process, reached over real sockets only. What the doubles themselves cost is part of the times, never of CPU or memory.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.program import Program
from tests.discord_server import Channel, DiscordServer, Message, Upload, User
from tests.ollama_server import OllamaServer

MODEL = "mistral-small3.1"
ANSWER = "All calm in the harbour."
"""How every answer of the engine ends."""
WITHIN = 60.0  # seconds for one answer
PEOPLE = 20


def surroundings(discord: DiscordServer, engine: OllamaServer, folder: Path, *, window: int) -> dict[str, str]:
    """The environment of a program between these doubles, with its data in `folder`."""
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "PAGE_ENABLED": "off",
        "HEALTH_PORT": "0",
        "ENGINE_KIND": "ollama",
        "ENGINE_URL": engine.url,
        "ENGINE_MODEL": MODEL,
        "ENGINE_WINDOW": str(window),
        "DATA_DIR": str(folder),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Harbour:
    """`channels`: the first text channel of each guild."""

    discord: DiscordServer
    engine: OllamaServer
    channels: Sequence[Channel]
    people: Sequence[User]

    def settings(self, folder: Path, *, window: int) -> Mapping[str, str]:
        """The environment of a program that shall live here, with its data in `folder`."""
        return surroundings(self.discord, self.engine, folder, window=window)

    async def empty(self) -> None:
        """Wait until an earlier program has left the gateway."""
        await self.discord.wait_for(lambda: not self.discord.gateway.live, WITHIN)

    async def connected(self, program: Program) -> None:
        """Wait until the program has a session on the gateway."""
        await program.during(self.discord.until_connected(within=WITHIN))

    async def ask(self, channel: Channel, author: User, text: str, files: Sequence[Upload] = ()) -> Message:
        """Mention the bot."""
        return await self.discord.say(channel, author, f"<@BOT> {text}", attachments=files)

    async def answered(self, program: Program, asked: Message) -> float:
        """Wait for the whole answer; when its last change was shown, in seconds of the monotonic clock."""
        answer: list[Message] = []

        def finished() -> bool:
            answer[:] = [each for each in asked.channel.bot_messages if each.id > asked.id and not each.deleted]
            replied = any(each.referenced is asked for each in answer)
            # Between two messages of a long answer there is a moment without a button.
            whole = any(ANSWER in each.content for each in answer)
            return replied and whole and not any(each.buttons for each in answer)

        await program.during(self.discord.wait_for(finished, WITHIN, asked.channel.describe))
        return max(each.history[-1].monotonic for each in answer)

    def forget_requests(self) -> None:
        """So that long runs stay lean."""
        self.discord.requests.clear()
        self.discord.gateway.received.clear()
        self.engine.requests.clear()


@asynccontextmanager
async def harbour(*, guilds: int) -> AsyncGenerator[Harbour]:
    """`guilds` guilds with 5 channels and 20 people each, no rate limits, an engine that answers at once."""
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=ANSWER, slots=1) as engine,
    ):
        people = [discord.add_user(f"member-{number}") for number in range(PEOPLE)]
        channels: list[Channel] = []
        for index in range(guilds):
            guild = discord.add_guild(f"harbour-{index}")
            rooms = [guild.add_text_channel(f"channel-{number}") for number in range(5)]
            for person in people:
                guild.add_member(person)
            channels.append(rooms[0])
        yield Harbour(discord=discord, engine=engine, channels=channels, people=people)

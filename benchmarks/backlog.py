"""A backlog: much is said in many channels while the program is away. How long until it has caught up?

Caught up is when every message is written down and every question among them has its answer, from the moment in which
the process was made, under Discord's rate limits: 50 requests a second in all, and a bucket for each route and channel.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from benchmarks.chatter import line
from benchmarks.harbour import ANSWER, MODEL, WITHIN, surroundings
from benchmarks.program import CALANQUE, BenchmarkFailed, Program
from benchmarks.reporting import Report
from bot.storage.address import FILE_NAME
from tests.discord_server import Channel, DiscordServer, Message, User
from tests.ollama_server import OllamaServer

GUILDS, PEOPLE = 4, 20
ASKS_EVERY = 50  # one in so many messages is for the bot
GOAL_SECONDS = 60.0
GIVE_UP_SECONDS = 240.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    messages: int
    channels: int
    seed: int


async def backlog(report: Report, plan: Backlog, folder: Path) -> None:
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=ANSWER, slots=4) as engine,
    ):
        random = Random(plan.seed)
        channels, people = _people(discord, plan.channels)
        env = settings(discord, engine, folder / "data")
        command = [str(CALANQUE), "run"]
        async with Program(command, env, folder, log=folder / "before.log") as program:
            await program.during(discord.until_connected(within=WITHIN))
            # A transcript is kept where the bot was asked something.
            first = [await discord.say(each, random.choice(people), "<@BOT> good morning") for each in channels]
            await program.during(discord.wait_for(lambda: all(_answered(each) for each in first), 2 * WITHIN))
        await discord.wait_for(lambda: not discord.gateway.live, WITHIN)
        said, asked = await _away(discord, channels, people, plan.messages, random)
        discord.requests.clear()
        discord.limits.enabled = True
        async with Program(command, env, folder, log=folder / "after.log") as program:
            seconds = await program.during(_caught_up(folder / "data" / FILE_NAME, said, asked, since=program.started))
            unanswered = sum(not _answered(each) for each in asked)
            twice = sum(len(_replies(each)) > 1 for each in asked)
        missing = len(_missing(folder / "data" / FILE_NAME, said))
    report.add("backlog_messages", len(said))
    report.add("backlog_channels", len(channels))
    report.add("backlog_questions", len(asked))
    report.add("catch_up_s", seconds, "s", at_most=GOAL_SECONDS)
    report.add("backlog_lost", missing + unanswered, at_most=0)
    report.add("backlog_duplicated", twice, at_most=0)
    report.add("backlog_requests", len(discord.requests))
    report.add("backlog_refused", discord.limits.refused)


def _people(discord: DiscordServer, count: int) -> tuple[list[Channel], list[User]]:
    guilds = [discord.add_guild(f"harbour-{number}") for number in range(GUILDS)]
    people = [discord.add_user(f"member-{number}") for number in range(PEOPLE)]
    for guild in guilds:
        for person in people:
            guild.add_member(person)
    return [guilds[number % GUILDS].add_text_channel(f"channel-{number}") for number in range(count)], people


async def _away(
    discord: DiscordServer, channels: list[Channel], people: list[User], count: int, random: Random
) -> tuple[list[Message], list[Message]]:
    said: list[Message] = []
    asked: list[Message] = []
    for number in range(count):
        asks = number % ASKS_EVERY == 0
        channel = random.choice(channels) if asks else channels[number % len(channels)]
        text = line(random)
        message = await discord.say(channel, random.choice(people), f"<@BOT> {text}" if asks else text)
        said.append(message)
        if asks:
            asked.append(message)
        if number % 100 == 0:
            await asyncio.sleep(0)
    return said, asked


async def _caught_up(database: Path, said: list[Message], asked: list[Message], *, since: float) -> float:
    """Seconds since then; what is not there after `GIVE_UP_SECONDS` is lost."""
    while monotonic() - since < GIVE_UP_SECONDS:
        answered = all(_answered(each) for each in asked)
        if answered and not await asyncio.to_thread(_missing, database, said):
            break
        await asyncio.sleep(LOOK_SECONDS)
    return monotonic() - since


def _missing(database: Path, said: list[Message]) -> set[str]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        kept = {id_ for (id_,) in connection.execute("select id from messages where body is not null")}
    if not kept:
        raise BenchmarkFailed("nothing is kept at all: there is no transcript to catch up with")
    return {str(each.id) for each in said} - kept


def _replies(message: Message) -> list[Message]:
    return [each for each in message.channel.bot_messages if each.referenced is message and not each.deleted]


def _answered(message: Message) -> bool:
    return any(ANSWER in each.content and not each.buttons for each in _replies(message))


def settings(discord: DiscordServer, engine: OllamaServer, folder: Path) -> Mapping[str, str]:
    """What an operator would set, with room for many questions at once."""
    room = {"LIMITS_QUEUE": "2000", "LIMITS_QUEUE_PER_PERSON": "100", "LIMITS_QUEUE_PER_CHANNEL": "100"}
    return surroundings(discord, engine, folder, window=32768) | room

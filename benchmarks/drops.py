"""The gateway drops again and again, and the program is away while much is said: is anything lost, or answered twice?

The real program runs as a process among the doubles. First its connection is dropped in every way that Discord knows
while people write and ask; then it is stopped, a backlog is said, and it is started again under Discord's rate limits.
Lost is a question without an answer or an apology; duplicated one with more than one. So that a thousand drops take
minutes, the program's waits for a silent gateway and between sessions are shortened here, as are Discord's heartbeats.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from benchmarks.backlog import Backlog, backlog, settings
from benchmarks.chatter import line
from benchmarks.harbour import ANSWER, MODEL, WITHIN
from benchmarks.program import BenchmarkFailed, Program, measure
from benchmarks.reporting import Report, arguments
from tests.discord_server import Channel, DiscordServer, Message, User
from tests.ollama_server import OllamaServer

SEED = 20261128
LONGEST = 1800.0  # seconds of the whole benchmark
CHANNELS, PEOPLE = 12, 20
HEARTBEAT, SILENCE = 1.0, 2.5  # seconds, for 41 and 60
ASKS = 0.4  # share of what is said that is for the bot
PAUSE = 0.25  # seconds between two drops, at most
SETTLED_WITHIN = 30.0  # seconds for the last answers
DAY = 1_000_000  # sessions a day: this is not what is measured

IMPATIENT = f"""
import logging
import sys
from bot.platforms.discord import client, starts
client.SILENCE_SECONDS, client.READY_SECONDS = {SILENCE}, 0.2
starts.APART_SECONDS, starts.PAUSES = 0.1, (0.1, 0.2, 0.5)
from bot.__main__ import main
sys.argv = ["calanque", "run"]
sys.exit(main())
"""
"""The program as it is, but for these waits."""

WEIGHTS: Mapping[str, int] = {
    "cut": 20,
    "closed": 15,
    "op 7": 15,
    "op 9 true": 10,
    "op 9 false": 10,
    "forgotten": 8,
    "resume refused": 8,
    "twice": 6,
    "shut": 5,
    "silent": 2,
    "zombie": 1,
}
CODES = (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
"""Codes after which a client comes back (API reference, "Gateway Close Event Codes")."""


@dataclass(slots=True)
class Town:
    """`asked`: every question, in the order in which they were asked."""

    discord: DiscordServer
    channels: list[Channel]
    people: list[User]
    random: Random = field(default_factory=lambda: Random(SEED))
    messages: int = 0
    asked: list[Message] = field(default_factory=list[Message])

    async def chatter(self) -> None:
        """Somebody says something, or asks; now and then directly."""
        random = self.random
        author = random.choice(self.people)
        direct = random.random() < 0.1
        channel = self.discord.dm(author) if direct else random.choice(self.channels)
        asks = direct or random.random() < ASKS
        text = line(random)
        message = await self.discord.say(channel, author, f"<@BOT> {text}" if asks else text)
        self.messages += 1
        if asks:
            self.asked.append(message)


def replies(message: Message) -> list[Message]:
    """What stands as an answer to this message."""
    return [each for each in message.channel.bot_messages if each.referenced is message and not each.deleted]


def finished(message: Message) -> bool:
    return any(each.content and not each.buttons for each in replies(message))


def judged(asked: list[Message]) -> tuple[int, int]:
    """How many questions were lost, how many were answered more than once."""
    answers = [len(replies(each)) for each in asked]
    return sum(count == 0 for count in answers), sum(count > 1 for count in answers)


class Mischief:
    """One way after the other in which a connection ends."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._gateway = town.discord.gateway
        self.done: dict[str, int] = dict.fromkeys(WEIGHTS, 0)
        self._ways: dict[str, Callable[[], None]] = {
            "cut": self._gateway.drop,
            "closed": lambda: self._gateway.drop(town.random.choice(CODES)),
            "op 7": self._gateway.reconnect,
            "op 9 true": lambda: self._gateway.invalidate(resumable=True),
            "op 9 false": lambda: self._gateway.invalidate(resumable=False),
            "forgotten": self._forgotten,
            "resume refused": self._refused,
            "twice": self._gateway.drop,
            "shut": self._shut,
            "silent": self._gateway.silence,
            "zombie": self._gateway.zombify,
        }

    async def once(self, program: Program) -> None:
        """Drop the connection, have people write meanwhile, and wait until it stands again."""
        town, gateway = self._town, self._gateway
        way = town.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        before = gateway.identified + gateway.resumed
        self._ways[way]()
        self.done[way] += 1
        for _ in range(town.random.randint(1, 3)):
            await town.chatter()
            await asyncio.sleep(town.random.random() * 0.02)
        if way == "twice":  # once more, wherever the coming back has got to
            await asyncio.sleep(town.random.random() * 0.3)
            gateway.drop()
        await program.during(
            town.discord.wait_for(lambda: gateway.live and gateway.identified + gateway.resumed > before, WITHIN)
        )
        gateway.resuming = gateway.accepting = True
        for _ in range(town.random.randint(0, 2)):
            await town.chatter()
            await asyncio.sleep(town.random.random() * PAUSE)

    def _forgotten(self) -> None:
        self._gateway.drop()
        self._gateway.sessions.clear()

    def _refused(self) -> None:
        self._gateway.resuming = False
        self._gateway.reconnect()

    def _shut(self) -> None:
        self._gateway.accepting = False
        self._gateway.drop()
        wait = self._town.random.random()
        asyncio.get_running_loop().call_later(wait, setattr, self._gateway, "accepting", True)


async def drops(report: Report, count: int, folder: Path) -> None:
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=ANSWER, slots=1) as engine,
    ):
        discord.gateway.heartbeat_interval = HEARTBEAT
        discord.gateway.budget = discord.gateway.total = DAY
        guild = discord.add_guild("harbour")
        people = [discord.add_user(f"member-{number}") for number in range(PEOPLE)]
        for person in people:
            guild.add_member(person)
        town = Town(discord, [guild.add_text_channel(f"channel-{number}") for number in range(CHANNELS)], people)
        command = [sys.executable, "-c", IMPATIENT]
        env = settings(discord, engine, folder / "data")
        async with Program(command, env, folder, log=folder / "program.log") as program:
            await program.during(discord.until_connected(within=WITHIN))
            # Discord never tells of a direct message in a place that the bot did not know before it was away.
            known = [await discord.say(discord.dm(person), person, "good morning") for person in people]
            await program.during(discord.wait_for(lambda: all(finished(each) for each in known), WITHIN))
            began, mischief = monotonic(), Mischief(town)
            for number in range(count):
                await mischief.once(program)
                if number % 100 == 99:
                    print(f"{number + 1} drops, {len(town.asked)} questions, {monotonic() - began:.0f} s", flush=True)
                    discord.requests.clear()
                    discord.gateway.received.clear()
            try:
                await program.during(
                    discord.wait_for(lambda: all(finished(each) for each in town.asked), SETTLED_WITHIN)
                )
            except BenchmarkFailed as error:  # what is still open then is lost
                print(error, file=sys.stderr)
                for each in town.asked:
                    if not finished(each):
                        where = "directly" if each.guild is None else "in a channel"
                        print(f"not answered: number {town.asked.index(each)}, asked {where}", file=sys.stderr)
            await asyncio.sleep(1)  # for what would be answered twice
            seconds = monotonic() - began
    lost, duplicated = judged(town.asked)
    print(", ".join(f"{way}: {times}" for way, times in mischief.done.items()))
    report.add("drops", sum(mischief.done.values()))
    report.add("messages", town.messages)
    report.add("questions", len(town.asked))
    report.add("lost", lost, at_most=0)
    report.add("duplicated", duplicated, at_most=0)
    report.add("drops_s", seconds, "s")


async def both(count: int, plan: Backlog, folder: Path) -> Report:
    report = Report()
    if count:
        (folder / "drops").mkdir()
        await drops(report, count, folder / "drops")
    if plan.messages:
        (folder / "backlog").mkdir()
        await backlog(report, plan, folder / "backlog")
    return report


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--drops", type=int, default=1000, help="times the connection is dropped; 0: not at all")
    parser.add_argument("--backlog", type=int, default=5000, help="messages said while the program is away; 0: none")
    parser.add_argument("--channels", type=int, default=200, help="channels in which they are said")
    options = parser.parse_args()
    if min(options.drops, options.backlog) < 0 or options.channels < 1 or not options.drops + options.backlog:
        parser.error("there must be channels, and something to do in them")
    plan = Backlog(messages=options.backlog, channels=options.channels, seed=SEED)
    # The program goes away from its engine whenever somebody asks while it reads ahead.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="calanque-drops-") as folder:
        report = measure(both(options.drops, plan, Path(folder)), seconds=LONGEST)
        report.show(as_json=options.json)


if __name__ == "__main__":
    main()

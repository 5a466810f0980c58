"""How soon the program answers after its start, and how much memory it holds after a thousand messages.

Beside it stands the shortest bot that people would write themselves (`plain_bot`), in the same harbour.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from benchmarks.chatter import line
from benchmarks.harbour import MODEL, Harbour, harbour
from benchmarks.program import CALANQUE, Program, measure
from benchmarks.reporting import Report, arguments
from tests.discord_server import Message, Upload

SEED = 20261123
LONGEST = 600.0  # seconds of the whole benchmark
WINDOW = 32_768
MENTIONS = 5  # every so many messages one is for the bot
PICTURES = 10  # and of those every so many carries a screenshot
AT_ONCE = 10  # questions that wait for their answers
SETTLE = 2.0  # seconds before memory is read

READY_S, RSS_MIB = 3.0, 350.0

PLAIN_BOT = Path(__file__).with_name("plain_bot.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A program that can be started in the harbour. `sees`: it takes pictures."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    sees: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident MiB of the process alone, and of it with its children."""

    alone: float
    whole: float


def bots(place: Harbour, folder: Path) -> tuple[Bot, Bot]:
    """Calanque and the plain bot, both pointed at the harbour."""
    data = folder / "data"
    calanque = Bot(name="calanque", command=[str(CALANQUE), "run"], env=place.settings(data, window=WINDOW), sees=True)
    plain = Bot(
        name="plain",
        command=[sys.executable, str(PLAIN_BOT)],
        env={
            "BOT_TOKEN": place.discord.token,
            "BOT_API_URL": place.discord.api_url,
            "BOT_GATEWAY_URL": place.discord.gateway_url,
            "BOT_ENGINE_URL": place.engine.url,
            "BOT_MODEL": MODEL,
        },
    )
    return calanque, plain


class Course:
    """Starts one bot in the harbour and talks to it."""

    def __init__(self, place: Harbour, bot: Bot, folder: Path) -> None:
        self._place = place
        self._bot = bot
        self._folder = folder
        self._random = Random(SEED)

    def _program(self) -> Program:
        log = self._folder / f"{self._bot.name}.log"
        return Program(self._bot.command, self._bot.env, self._folder, log=log)

    async def ready(self) -> float:
        """Seconds from the start of the process until the answer to a question stands in the channel.

        The question is asked the moment the gateway session stands: earlier Discord would not tell the bot of it.
        """
        await self._place.empty()
        async with self._program() as program:
            return await self._first_answer(program) - program.started

    async def memory(self, messages: int) -> Memory:
        """After so many messages, a part of them questions, some with a screenshot."""
        await self._place.empty()
        async with self._program() as program:
            await self._first_answer(program)
            await self._talk(program, messages)
            await asyncio.sleep(SETTLE)
            alone, whole = program.rss_mib()
            return Memory(alone=alone, whole=whole)

    async def _first_answer(self, program: Program) -> float:
        place = self._place
        await place.connected(program)
        asked = await place.ask(place.channels[0], place.people[0], "are you there?")
        return await place.answered(program, asked)

    async def _talk(self, program: Program, messages: int) -> None:
        place, random = self._place, self._random
        waiting: list[Message] = []
        asked = 0
        for number in range(messages):
            channel = place.channels[number % len(place.channels)]
            if number % MENTIONS:
                await place.discord.say(channel, random.choice(list(place.people)), line(random))
                continue
            # In turns: whoever has three questions waiting is turned away.
            author = place.people[asked % len(place.people)]
            asked += 1
            files = [_screenshot(asked)] if self._bot.sees and asked % PICTURES == 0 else []
            waiting.append(await place.ask(channel, author, line(random), files))
            if len(waiting) == AT_ONCE:
                await self._all_answered(program, waiting)
        await self._all_answered(program, waiting)

    async def _all_answered(self, program: Program, waiting: list[Message]) -> None:
        for asked in waiting:
            await self._place.answered(program, asked)
        waiting.clear()
        self._place.forget_requests()


async def footprint(runs: int, messages: int, guilds: int, folder: Path) -> Report:
    report = Report()
    async with harbour(guilds=guilds) as place:
        calanque, plain = (Course(place, bot, folder) for bot in bots(place, folder))
        print(f"starting each bot {runs + 1} times among {guilds} guilds …", flush=True)
        first, own = await _several(calanque.ready, runs)
        _, other = await _several(plain.ready, runs)
        report.add("ready_s", statistics.median(own), "s", at_most=READY_S)
        report.add("ready_s_max", max(own), "s")
        report.add("first_ready_s", first, "s")
        report.add("plain_bot_ready_s", statistics.median(other), "s")
        report.add("ready_ratio", statistics.median(own) / statistics.median(other))
        print(f"telling each bot {messages} messages …", flush=True)
        own_memory, other_memory = await calanque.memory(messages), await plain.memory(messages)
    report.add("rss_mib", own_memory.whole, "MiB", at_most=RSS_MIB)
    report.add("rss_main_mib", own_memory.alone, "MiB")
    report.add("plain_bot_rss_mib", other_memory.whole, "MiB")
    report.add("rss_ratio", own_memory.whole / other_memory.whole)
    report.add("guilds", guilds)
    report.add("messages", messages)
    return report


async def _several(ready: Callable[[], Awaitable[float]], runs: int) -> tuple[float, list[float]]:
    """The first start, which warms the file cache (and lays the database), and the others."""
    first = await ready()
    return first, [await ready() for _ in range(runs)]


def _screenshot(number: int) -> Upload:
    image = Image.effect_noise((1280, 720), 40)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=70)
    return Upload(filename=f"screen-{number}.jpg", data=buffer.getvalue())


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--runs", type=int, default=5, help="starts that are measured, of each bot")
    parser.add_argument("--messages", type=int, default=1000, help="messages before memory is read")
    parser.add_argument("--guilds", type=int, default=50, help="guilds that the bot is in")
    options = parser.parse_args()
    if min(options.runs, options.messages, options.guilds) < 1:
        parser.error("runs, messages and guilds must be at least 1")
    with tempfile.TemporaryDirectory(prefix="calanque-footprint-") as name:
        work = footprint(options.runs, options.messages, options.guilds, Path(name))
        measure(work, seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

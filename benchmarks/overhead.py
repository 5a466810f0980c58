"""What the program itself costs: from an event to the request for the engine, and CPU for each streamed token.

The real program runs as a process between the doubles, with channels whose history nearly fills the window. Turns come
one at a time; between two of them the program has a moment to finish what is left to write.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.chatter import ADVICE, line
from benchmarks.harbour import ANSWER, Harbour, harbour
from benchmarks.history import Past, budget, write_past
from benchmarks.program import CALANQUE, BenchmarkFailed, Program, measure
from benchmarks.reporting import Report, arguments, percentile
from tests.discord_server import Channel
from tests.ollama_server import Reply, Request
from tests.ollama_server.counting import split

SEED = 20261123
LONGEST = 600.0  # seconds of the whole benchmark
PAUSE = 0.1  # seconds between an answer and the next question
TURN_TOKENS = 130  # room kept in the window for each measured turn
HEAD_TOKENS = 700  # and for persona and tools
LEAST_WINDOW = 8192

P50_MS, P99_MS, TOKEN_MS = 15.0, 60.0, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`turns` are measured after `warmup` others, over `channels` in rotation; then `replies` of `tokens` each, paced
    at `pace` tokens a second."""

    window: int
    channels: int
    warmup: int
    turns: int
    replies: int
    tokens: int
    pace: float

    @property
    def past(self) -> int:
        """Tokens of history in each channel: as much as leaves room for everything that is measured."""
        turns = -(-(self.warmup + self.turns) // self.channels)
        replies = -(-self.replies // self.channels)
        room = turns * TURN_TOKENS + replies * (self.tokens + TURN_TOKENS) + HEAD_TOKENS
        return budget(self.window).prepare - room


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Milliseconds from the event until the engine had the request's head, and until it had its whole body."""

    head_ms: float
    body_ms: float
    prompt_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """`cpu_seconds`: user and system time of the program (and of its children) for the whole turn."""

    tokens: int
    cpu_seconds: float


class Course:
    """Asks, one turn at a time, and sees to it that every prompt begins with the one before it in its channel."""

    def __init__(self, place: Harbour, program: Program) -> None:
        self._place = place
        self._program = program
        self._random = Random(SEED)
        self._prompts: dict[int, str] = {}

    async def turn(self, channel: Channel) -> Turn:
        """Somebody says something to everyone, then somebody asks."""
        place = self._place
        speaker, asker = self._random.sample(list(place.people), 2)
        await place.discord.say(channel, speaker, line(self._random))
        await asyncio.sleep(PAUSE)
        place.forget_requests()
        asked = await place.ask(channel, asker, line(self._random))
        await place.answered(self._program, asked)
        request = self._request()
        self._check(channel, request)
        event = asked.history[0].monotonic
        return Turn(
            head_ms=(request.came - event) * 1000,
            body_ms=(request.whole - event) * 1000,
            prompt_tokens=request.tokens,
        )

    async def long_reply(self, channel: Channel, tokens: int, pace: float) -> Stream:
        """From just before a question until its long answer is wholly shown."""
        place = self._place
        text = _long_text(tokens)
        place.engine.script(Reply(text=text))
        place.engine.engine.token_seconds = 1 / pace
        place.forget_requests()
        before = self._program.cpu_seconds()
        asked = await place.ask(channel, place.people[0], "tell me everything about it")
        await place.answered(self._program, asked)
        spent = self._program.cpu_seconds() - before
        place.engine.engine.token_seconds = 0.0
        request = self._request()
        self._check(channel, request)
        return Stream(tokens=request.said, cpu_seconds=spent)

    def _request(self) -> Request:
        made = self._place.engine.generations
        if len(made) != 1:
            raise BenchmarkFailed(f"one request to the engine was expected, {len(made)} came")
        return made[0]

    def _check(self, channel: Channel, request: Request) -> None:
        before = self._prompts.get(channel.id, "")
        if not request.prompt.startswith(before):
            raise BenchmarkFailed("the history was cut or changed between two turns: this is not what is measured")
        self._prompts[channel.id] = request.prompt


async def overhead(plan: Plan, folder: Path) -> Report:
    async with harbour(guilds=plan.channels) as place:
        print(f"writing a past of {plan.past} tokens into each of {plan.channels} channels …", flush=True)
        data = folder / "data"
        pasts = await write_past(data, place.channels, place.people, tokens=plan.past, seed=SEED)
        env = place.settings(data, window=plan.window)
        async with Program([str(CALANQUE), "run"], env, folder, log=folder / "program.log") as program:
            await place.connected(program)
            course = Course(place, program)
            print(f"{plan.warmup} turns to warm up, {plan.turns} measured …", flush=True)
            turns = [await course.turn(place.channels[n % plan.channels]) for n in range(plan.warmup + plan.turns)]
            print(f"{plan.replies} replies of {plan.tokens} tokens at {plan.pace:g} a second …", flush=True)
            streams = [
                await course.long_reply(place.channels[n % plan.channels], plan.tokens, plan.pace)
                for n in range(plan.replies)
            ]
    return _report(plan, pasts, turns[plan.warmup :], streams)


def _report(plan: Plan, pasts: tuple[Past, ...], turns: list[Turn], streams: list[Stream]) -> Report:
    report = Report()
    report.add_percentiles(
        "event_to_request_ms", [turn.head_ms for turn in turns], "ms", at_most={50: P50_MS, 99: P99_MS}
    )
    streamed = sum(stream.tokens for stream in streams)
    cpu = sum(stream.cpu_seconds for stream in streams)
    report.add("cpu_ms_per_token", 1000 * cpu / streamed, "ms", at_most=TOKEN_MS)
    report.add_percentiles("event_to_whole_request_ms", [turn.body_ms for turn in turns], "ms")
    report.add("event_to_request_ms_max", max(turn.head_ms for turn in turns), "ms")
    report.add("prompt_tokens", min(turn.prompt_tokens for turn in turns))
    report.add("prompt_tokens_p50", percentile([turn.prompt_tokens for turn in turns], 0.5))
    report.add("history_pieces", min(past.pieces for past in pasts))
    report.add("turns", len(turns))
    report.add("streamed_tokens", streamed)
    return report


def _long_text(tokens: int) -> str:
    """A structured answer of exactly so many streamed tokens, or a few less; it ends as every answer here does."""
    text, length = "", len(split(ANSWER)) + 2
    random = Random(SEED)
    while True:
        more = random.choice(ADVICE) + "\n\n"
        length += len(split(more))
        if length > tokens:
            return text + ANSWER
        text += more


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--window", type=int, default=131_072, help="context window in tokens")
    parser.add_argument("--channels", type=int, default=4, help="channels with a full history")
    parser.add_argument("--warmup", type=int, default=8, help="turns that are not measured")
    parser.add_argument("--turns", type=int, default=80, help="turns that are measured")
    parser.add_argument("--replies", type=int, default=3, help="long replies, for CPU per token")
    parser.add_argument("--tokens", type=int, default=2000, help="tokens of each long reply")
    parser.add_argument("--pace", type=float, default=100.0, help="tokens a second")
    options = parser.parse_args()
    plan = Plan(
        window=options.window,
        channels=options.channels,
        warmup=options.warmup,
        turns=options.turns,
        replies=options.replies,
        tokens=options.tokens,
        pace=options.pace,
    )
    if min(plan.channels, plan.turns, plan.replies, plan.tokens) < 1 or plan.pace <= 0:
        parser.error("channels, turns, replies, tokens and pace must be positive")
    if plan.window < LEAST_WINDOW or plan.past < 0:
        parser.error("the window is too small for so many turns")
    if plan.warmup < plan.channels:
        parser.error("every channel needs a turn to warm up")
    with tempfile.TemporaryDirectory(prefix="calanque-overhead-") as folder:
        measure(overhead(plan, Path(folder)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

"""People who ask and an engine that reads and writes, in virtual time: through our own lanes, or by another rule.

The engine keeps whole conversations: `room` of them, least recently used out first, unless somebody who knows the
future decides what goes. It does not know what our lanes believe of it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.virtual_time import VirtualClock, run
from bot.errors import QueueFull
from bot.lanes.lanes import Bounds, Lanes
from bot.lanes.order import Order
from bot.operate.metrics import MemoryCounters
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Part, Piece

TEMPLATE = "crowd/1"

LONGEST_REPLY = 600  # tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody asks something at a moment (in seconds); the answer has so many tokens."""

    at: float
    person: str
    channel: int
    reply: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`wait`: seconds until the engine begins with it, None where it was refused."""

    asked: Asked
    warm: bool = False
    wait: float | None = None
    began: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Tokens: of a channel's history, of what a turn adds to it; a second, read and written. `room`: conversations.
    `swap`: seconds to take up another conversation than the last, from the host's memory or anew."""

    history: int = 16_000
    new: int = 300
    prefill: float = 1300.0
    generation: float = 40.0
    room: int = 4
    swap: float = 0.3

    @property
    def host_tokens(self) -> int:
        """Room in the host's memory on which so many conversations, asked in turn, stay warm: see `Slot`."""
        return self.room * (self.history + self.new + LONGEST_REPLY)

    def reads(self, *, warm: bool, other: bool) -> float:
        """Seconds until the first token."""
        return (self.new + (0 if warm else self.history)) / self.prefill + (self.swap if other else 0.0)

    def takes(self, *, warm: bool, other: bool, reply: int) -> float:
        return self.reads(warm=warm, other=other) + reply / self.generation


@dataclass(slots=True)
class Cache:
    """The conversations that an engine holds. `farthest` says which goes; None: the least recently used."""

    room: int
    farthest: Callable[[Sequence[int]], int] | None = None
    held: list[int] = field(default_factory=list[int])

    def use(self, channel: int) -> tuple[bool, bool]:
        """Whether it was held, and whether it is another one than the last; it is held now."""
        warm, other = channel in self.held, self.held[-1:] != [channel]
        if warm:
            self.held.remove(channel)
        elif len(self.held) >= self.room:
            self.held.remove(self.held[0] if self.farthest is None else self.farthest(self.held))
        self.held.append(channel)
        return warm, other


@dataclass(slots=True)
class Slot:
    """llama.cpp's server with one slot: a conversation that leaves it is saved in the host's memory, for which the
    oldest there go; only then the one that comes is looked for there, and taken out of it."""

    host_tokens: int
    holds: tuple[int, int] | None = None
    host: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def take(self, channel: int, tokens: int) -> tuple[bool, bool]:
        """Whether it was held, and whether it is another one than the last. So many tokens are held of it now."""
        warm, other = self.holds is not None and self.holds[0] == channel, False
        if not warm:
            other = True
            if self.holds is not None:
                self.host.append(self.holds)
            while sum(held for _, held in self.host) > self.host_tokens:
                self.host.pop(0)
            warm = any(held == channel for held, _ in self.host)
            self.host = [each for each in self.host if each[0] != channel]
        self.holds = channel, tokens
        return warm, other


class SimulatedEngine:
    """An `Inference` that spends virtual time. A prompt is a history, named for its channel, and a question."""

    def __init__(self, machine: Machine, replies: dict[str, int]) -> None:
        self._machine = machine
        self._replies = replies
        self._slot = Slot(machine.host_tokens)
        self.warm: dict[str, bool] = {}
        self.began: dict[str, float] = {}
        self.busy = 0.0

    async def probe(self) -> Engine:
        return Engine(
            name="simulated", model="simulated", window=32768, kv_bytes=1.0, host_cache_bytes=self._machine.host_tokens
        )

    async def render(self, part: Part) -> Piece:
        raise NotImplementedError

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        machine, question = self._machine, prompt.pieces[-1].text
        reply = self._replies.get(question, reply_tokens)
        warm, other = self._slot.take(int(prompt.pieces[0].text), prompt.tokens + reply)
        self.warm[question] = warm
        self.began[question] = asyncio.get_running_loop().time()
        evaluated = sum(piece.tokens for piece in prompt.pieces[1 if warm else 0 :])
        await asyncio.sleep(evaluated / machine.prefill + (machine.swap if other else 0.0))
        yield TextChunk(text="yes")
        await asyncio.sleep(reply / machine.generation)
        self.busy += asyncio.get_running_loop().time() - self.began[question]
        yield Finished(
            reason=StopReason.STOP,
            prompt_tokens=prompt.tokens,
            reply_tokens=reply,
            cached_tokens=prompt.tokens - evaluated,
            prompt_seconds=evaluated / machine.prefill,
            reply_seconds=reply / machine.generation,
        )


def through_lanes(asked: Sequence[Asked], machine: Machine, bounds: Bounds) -> list[Answered]:
    """By our own lanes, order and belief; nothing of them is replaced but time and engine."""
    return run(_through_lanes(asked, machine, bounds))


async def _through_lanes(asked: Sequence[Asked], machine: Machine, bounds: Bounds) -> list[Answered]:
    names = {each: str(number) for number, each in enumerate(asked)}
    engine = SimulatedEngine(machine, {f"q{name}": each.reply for each, name in names.items()})
    clock = VirtualClock()
    lanes = Lanes(engine, bounds, clock=clock, counters=MemoryCounters())
    await lanes.probe()
    answered: list[Answered] = []

    async def remembered(conversation: Conversation) -> Prompt:
        return Prompt(pieces=(_history(int(conversation.place.id), machine),))

    async def answer(question: Asked) -> None:
        conversation = Conversation(place=Place(platform="crowd", id=str(question.channel)))
        try:
            with lanes.queued(question.person, conversation):
                async with lanes.turn(conversation, person=question.person, remembered=remembered) as passage:
                    async for _ in passage.stream(_prompt(question, names[question], machine), reply_tokens=9999):
                        pass
        except QueueFull:
            answered.append(Answered(asked=question))
            return
        name = f"q{names[question]}"
        answered.append(
            Answered(
                asked=question,
                warm=engine.warm[name],
                wait=engine.began[name] - question.at,
                began=engine.began[name],
                ended=clock.monotonic(),
            )
        )

    async with asyncio.TaskGroup() as group:
        for question in asked:
            await clock.sleep(question.at - clock.monotonic())
            group.create_task(answer(question))
    return answered


def _prompt(question: Asked, name: str, machine: Machine) -> Prompt:
    asked = Piece(text=f"q{name}", tokens=machine.new, template=TEMPLATE)
    return Prompt(pieces=(_history(question.channel, machine), asked))


def _history(channel: int, machine: Machine) -> Piece:
    return Piece(text=str(channel), tokens=machine.history, template=TEMPLATE)


def by_rule(
    asked: Sequence[Asked], machine: Machine, *, clairvoyant: bool, order: Order | None, per_person: int | None = None
) -> list[Answered]:
    """One engine with one slot by another rule: first come first served, or ours (`order`), with a cache that drops
    the least recently used or, clairvoyant, what will be asked for last. `per_person`: turns of one that may wait or
    run."""
    world = _World(list(asked), machine, clairvoyant=clairvoyant, order=order, per_person=per_person)
    return world.run()


class _World:
    def __init__(
        self,
        asked: list[Asked],
        machine: Machine,
        *,
        clairvoyant: bool,
        order: Order | None,
        per_person: int | None,
    ) -> None:
        self._coming = asked
        self._next = 0
        self._waiting: list[Asked] = []
        self._machine = machine
        self._cache = Cache(machine.room, self._farthest if clairvoyant else None)
        self._order = order
        self._per_person = per_person
        self._tickets: dict[object, Asked] = {}
        self._now = 0.0
        self._later: dict[int, list[float]] = {}
        for question in reversed(asked):
            self._later.setdefault(question.channel, []).append(question.at)
        self._answered: list[Answered] = []
        self._running: Asked | None = None

    def run(self) -> list[Answered]:
        while self._next < len(self._coming) or self._waiting:
            if not self._waiting:
                self._now = max(self._now, self._coming[self._next].at)
            self._arrivals()
            if self._waiting:
                self._serve()
        return self._answered

    def _arrivals(self) -> None:
        while self._next < len(self._coming) and self._coming[self._next].at <= self._now:
            question = self._coming[self._next]
            self._next += 1
            self._later[question.channel].pop()
            here = [*self._waiting, *([self._running] if self._running else [])]
            if self._per_person and sum(each.person == question.person for each in here) >= self._per_person:
                self._answered.append(Answered(asked=question))
                continue
            self._waiting.append(question)
            if self._order is not None:
                self._tickets[self._order.enter(str(question.channel), question.person)] = question

    def _serve(self) -> None:
        ticket, question = None, self._waiting[0]
        if self._order is not None:
            ticket = self._order.choose(busy=(), is_warm=lambda key: int(key) in self._cache.held)
            assert ticket is not None
            question = self._tickets.pop(ticket)
        self._waiting.remove(question)
        warm, other = self._cache.use(question.channel)
        took = self._machine.takes(warm=warm, other=other, reply=question.reply)
        self._answered.append(
            Answered(asked=question, warm=warm, wait=self._now - question.at, began=self._now, ended=self._now + took)
        )
        self._running = question
        self._now += took
        self._arrivals()
        self._running = None
        if self._order is not None and ticket is not None:
            self._order.spent(ticket, took)
            self._order.leave(ticket)

    def _farthest(self, held: Sequence[int]) -> int:
        return max(held, key=self._wanted_at)

    def _wanted_at(self, channel: int) -> float:
        if any(each.channel == channel for each in self._waiting):
            return self._now
        later = self._later.get(channel)
        return later[-1] if later else math.inf


def replies(random: Random, mean: int) -> int:
    """Tokens of an answer: many short ones, some long."""
    return min(LONGEST_REPLY, max(1, int(random.lognormvariate(math.log(mean) - 0.32, 0.8))))

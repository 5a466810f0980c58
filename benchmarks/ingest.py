"""How many messages are written down a second, durably: from `hear` to a SQLite file that is synchronised at every commit.

Many channels talk at once; in each, a message is told when the one before it is written down, as platforms do it.
Beside it runs what one would write first: the same messages, one commit each. Nothing here is a search index, and
nothing may become one: what a commit has to wait for must stay what a crash must not lose. With a full-text trigger
inside the transaction the same machine wrote a sixth.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from benchmarks.chatter import line
from benchmarks.program import measure
from benchmarks.reporting import Report, arguments
from bot.hear import Hearing
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Said
from bot.talk.message import Conversation, Message, Person, Place
from bot.talk.policy import Keep, Policy
from bot.talk.record import Answered, Incoming, Recorded

SEED = 20261128
LONGEST = 300.0  # seconds of the whole benchmark
PEOPLE = 500
PER_S, COMMIT_MS = 5000.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`messages` are measured after `warmup` others, over `channels` that talk at once; `alone` one commit each."""

    messages: int
    warmup: int
    channels: int
    alone: int


@dataclass(slots=True)
class Times:
    """Seconds: each message from being told to being written down, and each commit from being begun to its end."""

    heard: list[float]
    committed: list[float]
    batches: list[int]

    def clear(self) -> None:
        for each in (self.heard, self.committed, self.batches):
            each.clear()


class Timed(SqlStore):
    """The real store with a watch beside it."""

    times: Times

    async def record_all(self, incoming: Sequence[Incoming]) -> Sequence[Recorded]:
        began = perf_counter()
        recorded = await super().record_all(incoming)
        self.times.committed.append(perf_counter() - began)
        self.times.batches.append(len(incoming))
        return recorded


class NobodyAsks:
    """No message of this benchmark is for the bot, so none of this is ever called."""

    def begin(self, message: Message) -> None:
        raise NotImplementedError

    def abandon(self, place: Place, message_ids: Collection[str]) -> None:
        raise NotImplementedError

    async def reconsider(self, answered: Answered) -> None:
        raise NotImplementedError

    def changed(self, conversation: Conversation) -> None:
        raise NotImplementedError


class Talk:
    """Invented messages, the same in every run."""

    def __init__(self, channels: int) -> None:
        self._random = Random(SEED)
        self._ids = count(10**17)
        self._people = [
            Person(platform="discord", id=str(10**16 + n), name=f"person {n}", locale="en-GB") for n in range(PEOPLE)
        ]
        self._clock = SystemClock()
        self.places = [
            Place(platform="discord", id=str(2 * 10**16 + n), name=f"channel-{n}", guild="1") for n in range(channels)
        ]

    def message(self, place: Place) -> Message:
        return Message(
            id=str(next(self._ids)),
            place=place,
            author=self._random.choice(self._people),
            text=line(self._random),
            sent_at=self._clock.now(),
        )


@asynccontextmanager
async def opened(folder: Path, talk: Talk) -> AsyncGenerator[tuple[Timed, Hearing]]:
    clock, nobody = SystemClock(), NobodyAsks()
    async with open_store(Database(), folder, clock=clock) as plain:
        for place in talk.places:
            await plain.save_policy(place, Policy(keep=Keep.ALWAYS, announced=True))
        store = Timed.__new__(Timed)
        store.__dict__.update(plain.__dict__)
        store.times = Times([], [], [])
        hearing = Hearing(
            store,
            nobody,
            NoDeliveries(),
            commands={},
            presses={},
            reconsider=nobody.reconsider,
            changed=nobody.changed,
            retention_days=30,
            phrases=Phrases(),
            clock=clock,
            counters=MemoryCounters(),
        )
        async with hearing:
            yield store, hearing


class NoDeliveries:
    """Likewise never called: everybody knows already that these channels are kept."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise NotImplementedError(name)

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        raise NotImplementedError

"""The process that carries out what is planned until it is killed: the real store and plans, and empty digests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from mmap import mmap
from pathlib import Path
from typing import Any, cast

from benchmarks.scheduling.passing import Busy, Passing
from bot.digest.choosing import Choosing
from bot.digest.composing import Composing
from bot.digest.running import Running
from bot.languages.phrases import Phrases
from bot.operate.metrics import MemoryCounters
from bot.plans import Plans, plans
from bot.ports import Deliveries, OnRun
from bot.ports.rights import Rights
from bot.settings import Settings
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import Digest, Made, Order, Told
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Place
from bot.talk.plan import Plan, Run

LOOK_SECONDS = 6 * 3600.0
"""Between two looks where nothing is due: the program looks every minute, because somebody may have set its clock."""


class Everything:
    """What digests need of `Rights`: everybody may read everything."""

    heard = True

    def within(self, ground: Ground) -> Collection[Place]:
        return (ground.place,)

    async def standing(self, _place: Place, *, posts: bool = False) -> Standing:
        return Standing.OPEN

    async def open_to(self, rooms: Collection[str], _conversation: Conversation) -> frozenset[str]:
        return frozenset(rooms)

    def link(self, _place: Place, _message: str) -> str:
        return ""


class Maker:
    """There was one message in every period."""

    async def make(self, order: Order, **_: object) -> Digest:
        return Digest(points=(), period=order.period, messages=1, people=1, made=Made.EXTRACTS)

    async def gather(self, order: Order) -> Digest:
        return await self.make(order)


def tell(digest: Digest, **_: object) -> tuple[Told, ...]:
    """What the judge reads."""
    return (Told(text=f"{digest.period.since.isoformat()} {digest.period.until.isoformat()}"),)


class Journal:
    """Takes deliveries, and writes down when each run was begun and that it counts, line by line."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def begun(self, run: Run, late: float) -> None:
        os.write(self._file, f"begun {run.plan.id} {run.at.isoformat()} {late:.6f}\n".encode())

    async def finish(self, delivery: Delivery, _shown: Shown) -> None:
        os.write(self._file, f"left {delivery.id}\n".encode())


async def work(folder: Path, start: datetime, passed: float, board: mmap) -> None:
    """Until killed, from so many seconds after the start on."""
    clock, counters, journal = Passing(start, passed, board), MemoryCounters(), Journal(folder / "journal.txt")
    settings = Settings()
    async with open_store(settings.database, folder, clock=clock) as opened:
        store = cast("SqlStore", Busy(opened, clock))
        handlers = running(store, counters).handlers
        plans.LOOK_SECONDS = LOOK_SECONDS
        carried_out = Plans(
            store,
            cast("Deliveries", journal),
            handlers={kind: _noted(handler, clock, journal) for kind, handler in handlers.items()},
            clock=clock,
            counters=counters,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(clock.run())
            group.create_task(carried_out.run())


def running(store: SqlStore, counters: MemoryCounters) -> Running:
    choosing, phrases = Choosing({"local": cast("Rights", Everything())}), Phrases()
    composing = Composing(
        store, choosing, makes=Maker(), tells=cast("Any", tell), present=lambda _: True, phrases=phrases
    )
    return Running(store, choosing, composing, most=1, phrases=phrases, counters=counters)


def _noted(handler: OnRun, clock: Passing, journal: Journal) -> OnRun:
    async def carried_out(run: Run) -> Sequence[Delivery | Plan]:
        journal.begun(run, (clock.now() - run.at).total_seconds())
        return await handler(run)

    return carried_out


def forked(work: Callable[[], None]) -> int:
    """The id of a process that does this, and nothing behind it."""
    child = os.fork()
    if child:
        return child
    with suppress(BaseException):
        work()
    os._exit(1)

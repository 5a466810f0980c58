"""A house with plans that are carried out, and handlers that do as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.plans import Plans
from bot.ports import Draft, OnRun
from bot.ports.plans import PlanStore
from bot.settings import Settings
from bot.storage import plans
from bot.storage.address import find
from bot.storage.connection import Connections
from bot.talk.delivery import Delivery, Shown
from bot.talk.plan import Plan, Run, first_due
from bot.talk.recurrence import Recurrence
from tests.contracts.scene import TALK
from tests.fakes import START
from tests.rig import Rig, as_it_is, rig
from tests.storage.homes import Home

KIND = "reminder"
STEPS = 15


@dataclass(slots=True)
class Reminders:
    """A handler: says what the plan says; raises `failures` one after the other; waits at `gate`."""

    failures: list[Exception] = field(default_factory=list[Exception])
    gate: asyncio.Event | None = None
    runs: list[Run] = field(default_factory=list[Run])
    at_once: int = 0
    most_at_once: int = 0

    async def run(self, run: Run) -> Sequence[Delivery]:
        self.runs.append(run)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
        finally:
            self.at_once -= 1
        return (Delivery(id=run.delivery_id(), conversation=TALK, text=f"{run.plan.id}: {run.at:%d %H:%M}"),)


@dataclass(slots=True)
class Port:
    house: Rig
    plans: Plans
    reminders: Reminders

    def said(self) -> list[str]:
        """What people see, in the order in which it came."""
        return [each.text for each in self.house.platform.standing.values()]

    async def passes(self, seconds: float) -> None:
        """Time, in steps, each with what it brings: a look, a claim, a run and its end, what was shown."""
        steps = min(int(seconds), STEPS)
        for _ in range(steps):
            await self.house.clock.advance(seconds / steps)


@asynccontextmanager
async def port(
    folder: Path,
    *standing: Plan,
    reminders: Reminders | None = None,
    others: Mapping[str, OnRun] | None = None,
    around: Callable[[object], object] = as_it_is,
    joined: Rig | None = None,
    settings: Settings | None = None,
) -> AsyncGenerator[Port]:
    """`joined`: a house that is there already; its plans are another process's."""
    if joined is None:
        async with (
            rig(folder, settings=settings) as house,
            port(folder, *standing, reminders=reminders, others=others, around=around, joined=house) as opened,
        ):
            yield opened
        return
    reminders = reminders or Reminders()
    store: PlanStore = around(joined.store)  # pyright: ignore[reportAssignmentType] # a wrapper passes for what it wraps
    carried_out = Plans(
        store,
        joined.deliver,
        handlers={KIND: reminders.run, **(others or {})},
        standing=standing,
        clock=joined.clock,
        counters=joined.counters,
    )
    task = asyncio.create_task(carried_out.run())
    try:
        yield Port(joined, carried_out, reminders)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def plan(name: str, recurrence: Recurrence, *, kind: str = KIND) -> Plan:
    due = first_due(recurrence, "UTC", now=START)
    return Plan(id=name, kind=kind, recurrence=recurrence, due=due, conversation=TALK)


async def plan_all(home: Home, wanted: Sequence[Plan]) -> None:
    """Very many, in one transaction."""
    connections = Connections(find(home.settings, home.data_dir))
    try:
        await connections.write(lambda c: [plans.save(c, each) for each in wanted])
    finally:
        await connections.close()


class Quay:
    """Takes deliveries; `full` once so many came."""

    def __init__(self, count: int) -> None:
        self.came: list[Delivery] = []
        self.full = asyncio.Event()
        self._count = count

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        self.came.append(delivery)
        if len(self.came) >= self._count:
            self.full.set()

    async def post(self, delivery: Delivery) -> None:
        raise NotImplementedError

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        raise NotImplementedError

    def draft(self, delivery: Delivery, shown: Shown) -> AbstractAsyncContextManager[Draft]:
        raise NotImplementedError

    def break_off(self) -> None:
        raise NotImplementedError

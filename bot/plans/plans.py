"""Carries out what is planned. Each kind has a handler and a line of its own, so that a slow kind holds up no other.

What is due is claimed in small batches, oldest first, and each run is a task of its own, so many at once. A run ends in
one transaction: its record, its deliveries and the plan's next moment. Whatever happens before that has happened to
nobody, and is done again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.errors import CalanqueError
from bot.ports import Clock, Counters, Deliveries, OnRun
from bot.ports.plans import PlanStore
from bot.talk.delivery import Delivery, Shown
from bot.talk.plan import Claimed, NotYet, Plan, Run, RunOutcome

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Runs of one kind beside each other. More are claimed when half of them have ended."""
RUN_SECONDS = 600.0
"""The longest that a handler may take."""
LEASE_SECONDS = RUN_SECONDS + 300.0
"""So long nobody else takes up what is claimed: a run, writing down how it ended, and a lot of bad luck."""
LOOK_SECONDS = 60.0
"""What is due is looked for at least so often, also when nothing is planned: somebody may have set the clock."""
LEAST_LOOK_SECONDS = 0.5
"""And at most so often, where what is due cannot be had."""
ATTEMPTS = 6
"""Times that one moment is tried; then it has failed, and the plan waits for its next one."""
FIRST_PAUSE, PAUSE_GROWS = 10.0, 4
"""Seconds after the first failure, and by how much each further pause is longer: about an hour in all."""
WRITE_TRIES = 5
"""Times that the end of a run is written down where the database fails, with growing pauses from a second on; then it
is done again after the lease."""
LONGEST_WAIT = 3600.0
"""Seconds that a run may wait at once where it says that it cannot be carried out yet."""
LATE = timedelta(minutes=2)
"""A run that begins so long after its moment is counted as late."""


class Plans:
    """`handlers` by kind; `standing`: plans of the program itself; `holder` names this process to the others."""

    def __init__(
        self,
        store: PlanStore,
        deliveries: Deliveries,
        *,
        handlers: Mapping[str, OnRun],
        standing: Sequence[Plan] = (),
        holder: str = "all",
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._standing = tuple(standing)
        self._holder = holder
        self._clock = clock
        self._lines = {
            kind: _Line(kind, handler, store, deliveries, holder=holder, clock=clock, counters=counters)
            for kind, handler in handlers.items()
        }

    async def save(self, plan: Plan) -> None:
        """Plan something, or plan it otherwise. Raises DatabaseUnusable."""
        await self._store.save_plan(plan)
        if plan.kind in self._lines:
            self._lines[plan.kind].look()

    async def remove(self, plan_id: str) -> bool:
        """Whether there was one; a run of it that is under way leaves nothing. Raises DatabaseUnusable."""
        return await self._store.remove_plan(plan_id)

    def look(self) -> None:
        """Whatever was reckoned with: look now what is due. The machine may have slept, or its clock was set."""
        for line in self._lines.values():
            line.look()

    async def run(self) -> None:
        """Until cancelled. Only one process runs with the name of this holder (`Store.hold`)."""
        await self._begin()
        try:
            async with asyncio.TaskGroup() as group:
                for line in self._lines.values():
                    group.create_task(line.run(), name=f"plans of kind {line.kind}")
        finally:
            await self._release()

    async def _begin(self) -> None:
        """What an earlier process of this name had claimed is free again; it may have died of it, so it counts."""
        pause = 1.0
        while True:
            try:
                await self._store.release_runs(self._holder, counted=True)
                for plan in self._standing:
                    await self._store.keep_plan(plan, now=self._clock.now())
            except CalanqueError as error:
                log.warning("planned things cannot begin yet: %s", error)
                await self._clock.sleep(pause)
                pause = min(pause * 2, LOOK_SECONDS)
            else:
                return

    async def _release(self) -> None:
        try:
            await self._store.release_runs(self._holder, counted=False)
        except CalanqueError as error:
            log.warning("what was being carried out is taken up at the next start: %s", error)


class _Line:
    """All plans of one kind."""

    def __init__(
        self,
        kind: str,
        handler: OnRun,
        store: PlanStore,
        deliveries: Deliveries,
        *,
        holder: str,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self.kind = kind
        self._handler = handler
        self._store = store
        self._deliveries = deliveries
        self._holder = holder
        self._clock = clock
        self._counters = counters
        self._running = 0
        self._changed = asyncio.Event()
        self._failures = 0

    def look(self) -> None:
        """There may be something earlier than was expected."""
        self._changed.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                if self._running > AT_ONCE // 2:
                    await self._changed.wait()
                    continue
                claimed = await self._claimed(AT_ONCE - self._running)
                for run in claimed.runs:
                    self._running += 1
                    group.create_task(self._carried_out(run), name=f"run {run.key}")
                if not claimed.runs:
                    await self._until(claimed.next)

    async def _claimed(self, limit: int) -> Claimed:
        now = self._clock.now()
        try:
            claimed = await self._store.claim_runs(
                self.kind, now=now, holder=self._holder, lease=LEASE_SECONDS, limit=limit
            )
        except Exception as error:
            self._failures = min(self._failures + 1, 10)
            known = isinstance(error, CalanqueError)
            told = error if known else type(error).__name__
            log.warning("what is due of kind %s could not be read: %s", self.kind, told, exc_info=not known)
            return Claimed(next=now + timedelta(seconds=min(2.0**self._failures, LOOK_SECONDS)))
        self._failures = 0
        return claimed

    async def _until(self, moment: datetime | None) -> None:
        """Until then, at least and at most for a while, or until something changes."""
        seconds = LOOK_SECONDS if moment is None else (moment - self._clock.now()).total_seconds()
        waits: list[asyncio.Task[object]] = [
            asyncio.create_task(self._changed.wait()),
            asyncio.create_task(self._clock.sleep(max(LEAST_LOOK_SECONDS, min(seconds, LOOK_SECONDS)))),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _carried_out(self, run: Run) -> None:
        """Raises nothing but cancellation."""
        try:
            if run.late > LATE:
                self._counters.add("plan_runs_late_total", kind=self.kind)
            outcome = await self._outcome(run)
        except Exception:
            log.exception("run %s could not be ended; it is taken up again when its lease is over", run.key)
            outcome = "broken"
        finally:
            self._running -= 1
            self._changed.set()
        self._counters.add("plan_runs_total", kind=self.kind, outcome=outcome)

    async def _outcome(self, run: Run) -> str:
        try:
            async with asyncio.timeout(RUN_SECONDS):
                left = await self._handler(run)
        except NotYet as wait:
            return await self._waits(run, wait)
        except Exception as error:
            return await self._failed(run, error)
        if not await self._ended(run, RunOutcome.DONE, left):
            return "void"
        for one in left:
            if isinstance(one, Delivery):
                await self._deliveries.finish(one, Shown())
        return "done"

    async def _waits(self, run: Run, wait: NotYet) -> str:
        now = self._clock.now()
        until = now + timedelta(seconds=max(LEAST_LOOK_SECONDS, min(wait.seconds, LONGEST_WAIT)))
        return "waits" if await self._store.postpone_run(run, until=until, at=now, counted=False) else "void"

    async def _failed(self, run: Run, error: Exception) -> str:
        known = isinstance(error, CalanqueError | TimeoutError)
        told = "it took too long" if isinstance(error, TimeoutError) else error if known else type(error).__name__
        log.warning("run %s failed (attempt %d of %d): %s", run.key, run.attempt, ATTEMPTS, told, exc_info=not known)
        if run.attempt >= ATTEMPTS:
            return "failed" if await self._ended(run, RunOutcome.FAILED) else "void"
        now = self._clock.now()
        pause = timedelta(seconds=FIRST_PAUSE * PAUSE_GROWS ** (run.attempt - 1))
        return "postponed" if await self._store.postpone_run(run, until=now + pause, at=now) else "void"

    async def _ended(self, run: Run, outcome: RunOutcome, left: Sequence[Delivery | Plan] = ()) -> bool:
        """Whether it counts. Raises DatabaseUnusable where it cannot be written down."""
        deliveries = [one for one in left if isinstance(one, Delivery)]
        plans = [one for one in left if isinstance(one, Plan)]
        for attempt in range(WRITE_TRIES):
            now = self._clock.now()
            try:
                return await self._store.finish_run(run, outcome=outcome, deliveries=deliveries, plans=plans, at=now)
            except CalanqueError as error:
                if attempt == WRITE_TRIES - 1:
                    raise
                log.warning("the end of run %s could not be written down yet: %s", run.key, error)
            await self._clock.sleep(2.0**attempt)
        raise AssertionError("unreachable")

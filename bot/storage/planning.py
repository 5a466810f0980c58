"""The part of the store that keeps plans: each verb is one transaction over `storage/plans.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.storage import plans
from bot.storage.connection import Connections
from bot.storage.plans import finish
from bot.talk.delivery import Delivery
from bot.talk.plan import Claimed, Plan, Run, RunOutcome, RunRecord


class SqlPlans:
    """Implements `bot.ports.plans.PlanStore`."""

    _db: Connections

    async def save_plan(self, plan: Plan, *, of: str | None = None) -> bool:
        return await self._db.write(lambda c: plans.save(c, plan, of=of))

    async def keep_plan(self, plan: Plan, *, now: datetime) -> None:
        await self._db.write(lambda c: plans.keep(c, plan, now=now))

    async def remove_plan(self, plan_id: str) -> bool:
        return await self._db.write(lambda c: plans.remove(c, plan_id))

    async def end_plan(self, plan_id: str, *, at: datetime) -> bool:
        return await self._db.write(lambda c: plans.end(c, plan_id, at=at))

    async def plan(self, plan_id: str) -> Plan | None:
        return await self._db.read(lambda c: plans.known(c, plan_id))

    async def plans(
        self, *, kind: str | None = None, owner: str | None = None, place: str | None = None, limit: int
    ) -> tuple[Plan, ...]:
        return await self._db.read(lambda c: plans.waiting(c, kind=kind, owner=owner, place=place, limit=limit))

    async def claim_runs(self, kind: str, *, now: datetime, holder: str, lease: float, limit: int) -> Claimed:
        until = now + timedelta(seconds=lease)
        # Mostly nothing is due, and to see that nobody has to be written for.
        if not await self._db.read(lambda c: plans.anything_for(c, kind, now=now)):
            return Claimed(next=await self._db.read(lambda c: plans.next_look(c, kind)))
        return await self._db.write(lambda c: plans.claim(c, kind, now=now, holder=holder, until=until, limit=limit))

    async def finish_run(
        self,
        run: Run,
        *,
        outcome: RunOutcome,
        deliveries: Sequence[Delivery] = (),
        plans: Sequence[Plan] = (),
        at: datetime,
    ) -> bool:
        left = (*deliveries, *plans)
        return await self._db.write(lambda c: finish(c, run, outcome=outcome, left=left, at=at))

    async def postpone_run(self, run: Run, *, until: datetime, at: datetime) -> bool:
        return await self._db.write(lambda c: plans.postpone(c, run, until=until, at=at))

    async def release_runs(self, holder: str, *, counted: bool) -> int:
        return await self._db.write(lambda c: plans.release(c, holder, counted=counted))

    async def run_records(self, plan_id: str, *, limit: int) -> tuple[RunRecord, ...]:
        return await self._db.read(lambda c: plans.records(c, plan_id, limit=limit))

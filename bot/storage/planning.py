"""The part of the store that keeps plans: each verb is one transaction over `storage/plans.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.storage import plans, subscribers
from bot.storage.connection import Connections
from bot.storage.plans import finish
from bot.talk.delivery import Delivery
from bot.talk.plan import Claimed, Plan, Run, RunOutcome, RunRecord


class SqlPlans:
    """Implements `bot.ports.plans.PlanStore`."""

    _db: Connections

    async def save_plan(self, plan: Plan, *, of: str | None = None) -> bool:
        return await self._db.write(lambda c: plans.save(c, plan, of=of))

    async def change_plan(self, before: Plan, after: Plan) -> bool:
        return await self._db.write(lambda c: plans.known(c, before.id, held=True) == before and plans.save(c, after))

    async def keep_plan(self, plan: Plan, *, now: datetime) -> None:
        await self._db.write(lambda c: plans.keep(c, plan, now=now))

    async def remove_plan(self, plan_id: str) -> bool:
        return await self._db.write(lambda c: plans.remove(c, plan_id))

    async def end_plan(self, plan_id: str, *, at: datetime) -> bool:
        return await self._db.write(lambda c: plans.end(c, plan_id, at=at))

    async def plan(self, plan_id: str) -> Plan | None:
        return await self._db.read(lambda c: plans.known(c, plan_id))

    async def plans(
        self,
        *,
        kind: str | None = None,
        owner: str | None = None,
        place: str | None = None,
        scope: str | None = None,
        limit: int,
    ) -> tuple[Plan, ...]:
        which = {"kind": kind, "owner": owner, "place": place, "scope": scope}
        return await self._db.read(lambda c: plans.waiting(c, which, limit=limit))

    async def claim_runs(self, kind: str, *, now: datetime, holder: str, lease: float, limit: int) -> Claimed:
        until = now + timedelta(seconds=lease)
        # Mostly nothing is due, and to see that nobody has to be written for.
        anything, following = await self._db.read(lambda c: plans.outlook(c, kind, now=now))
        if not anything:
            return Claimed(next=following)
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

    async def postpone_run(self, run: Run, *, until: datetime, at: datetime, counted: bool = True) -> bool:
        return await self._db.write(lambda c: plans.postpone(c, run, until=until, at=at, counted=counted))

    async def release_runs(self, holder: str, *, counted: bool) -> int:
        return await self._db.write(lambda c: plans.release(c, holder, counted=counted))

    async def run_records(self, plan_id: str, *, limit: int) -> tuple[RunRecord, ...]:
        return await self._db.read(lambda c: plans.records(c, plan_id, limit=limit))

    async def subscribe(self, plan_id: str, person: str, *, at: datetime, most: int) -> bool:
        return await self._db.write(lambda c: subscribers.subscribe(c, plan_id, person, at=at, most=most))

    async def unsubscribe(self, plan_id: str, person: str) -> bool:
        return await self._db.write(lambda c: subscribers.unsubscribe(c, plan_id, person))

    async def subscribers(self, plan_id: str, *, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: subscribers.subscribers(c, plan_id, limit=limit))

    async def subscriptions(self, person: str, *, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: subscribers.subscriptions(c, person, limit=limit))

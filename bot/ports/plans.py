"""What keeps plans. Every method is one transaction. Raises DatabaseUnusable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.talk.delivery import Delivery
from bot.talk.plan import Claimed, Plan, Run, RunOutcome, RunRecord


class PlanStore(Protocol):
    """A part of the store."""

    async def save_plan(self, plan: Plan, *, of: str | None = None) -> bool:
        """Insert, or put this in its place; a run of what stood there has no effect any more.

        `of`: only while the plan of this id waits, so that no words outlive those that they were copied from. Whether
        it was saved.
        """
        ...

    async def change_plan(self, before: Plan, after: Plan) -> bool:
        """Put one in the place of what stands there, if that still is what was read, so that neither what a run has
        done meanwhile nor a removal is undone. Whether it was; a run that is under way has no effect any more then."""
        ...

    async def keep_plan(self, plan: Plan, *, now: datetime) -> None:
        """Insert, or change recurrence and zone where they differ. What is overdue stays so, and is caught up."""
        ...

    async def remove_plan(self, plan_id: str) -> bool:
        """Whether there was one. A run of it has no effect any more."""
        ...

    async def end_plan(self, plan_id: str, *, at: datetime) -> bool:
        """Whether one was waiting. Its words go and a run of it has no effect any more; that it was is known for thirty
        days, unlike of one that is removed."""
        ...

    async def plan(self, plan_id: str) -> Plan | None:
        """Also one that is over."""
        ...

    async def plans(
        self,
        *,
        kind: str | None = None,
        owner: str | None = None,
        place: str | None = None,
        scope: str | None = None,
        limit: int,
    ) -> tuple[Plan, ...]:
        """Plans that wait, the next due first; `place` and `owner` are keys, `scope` as in `Plan`."""
        ...

    async def claim_runs(self, kind: str, *, now: datetime, holder: str, lease: float, limit: int) -> Claimed:
        """Take up what is due, oldest first; of several missed moments of one plan the latest.

        Nobody else gets these for `lease` seconds. A moment that has been carried out already is passed over, and a
        plan whose next moment was reckoned by a clock that was ahead of `now` is reckoned anew.
        """
        ...

    async def finish_run(
        self,
        run: Run,
        *,
        outcome: RunOutcome,
        deliveries: Sequence[Delivery] = (),
        plans: Sequence[Plan] = (),
        at: datetime,
    ) -> bool:
        """How it ended, what it leaves (deliveries READY, more plans) and the plan's next moment in one transaction.

        False, and nothing has changed, where the claim is no longer ours: the plan was changed or removed, its place
        went, somebody else took it after the lease, or this very moment was carried out before.
        """
        ...

    async def postpone_run(self, run: Run, *, until: datetime, at: datetime, counted: bool = True) -> bool:
        """Give it back, to be claimed again at `until`; `counted`: as an attempt. False as in `finish_run`."""
        ...

    async def release_runs(self, holder: str, *, counted: bool) -> int:
        """Give back all that this holder has claimed; `counted`: as attempts. How many."""
        ...

    async def run_records(self, plan_id: str, *, limit: int) -> tuple[RunRecord, ...]:
        """How the last runs of a plan ended, the latest first."""
        ...

    async def subscribe(self, plan_id: str, person: str, *, at: datetime, most: int) -> bool:
        """The person (as `Person.key`) wants to be sent what the plan leaves; also where they did before. False where
        it waits no more, or `most` others do."""
        ...

    async def unsubscribe(self, plan_id: str, person: str) -> bool:
        """Whether they had wanted it."""
        ...

    async def subscribers(self, plan_id: str, *, limit: int) -> tuple[str, ...]:
        """Those who wanted it first."""
        ...

    async def subscriptions(self, person: str, *, limit: int) -> tuple[str, ...]:
        """Ids of the plans."""
        ...

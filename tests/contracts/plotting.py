"""Plans for the contract of the store, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation
from bot.talk.plan import Plan, Run, RunOutcome, first_due
from bot.talk.recurrence import Once, OnDays, Recurrence
from tests.contracts.scene import TALK
from tests.fakes import START

KIND = "reminder"
EVENING = OnDays(at=time(20))
"""Two hours after the start."""


def plan(
    name: str = "p",
    recurrence: Recurrence = EVENING,
    *,
    kind: str = KIND,
    talk: Conversation | None = TALK,
    owner: str | None = None,
    payload: Mapping[str, str] | None = None,
    timezone: str = "UTC",
) -> Plan:
    return Plan(
        id=name,
        kind=kind,
        recurrence=recurrence,
        due=first_due(recurrence, timezone, now=START),
        timezone=timezone,
        conversation=talk,
        owner=owner,
        payload=payload or {},
    )


def once(moment: datetime) -> Once:
    return Once(at=moment)


async def claims(
    store: SqlStore, now: datetime, *, holder: str = "one", limit: int = 10, lease: float = 900, kind: str = KIND
) -> tuple[Run, ...]:
    return (await store.claim_runs(kind, now=now, holder=holder, lease=lease, limit=limit)).runs


def says(run: Run, text: str = "it is time") -> Delivery:
    assert run.plan.conversation is not None
    return Delivery(id=run.delivery_id(), conversation=run.plan.conversation, text=text)


async def finishes(
    store: SqlStore, run: Run, at: datetime, *left: Delivery, outcome: RunOutcome = RunOutcome.DONE
) -> bool:
    return await store.finish_run(run, outcome=outcome, deliveries=left, at=at)

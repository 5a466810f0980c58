"""How plans go: with people, with guilds, and when they are over for long."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_

from bot.storage.tables import plan_runs, plan_subscribers, plans
from bot.talk.plan import PlanState

RUNS_KEPT = timedelta(days=30)
"""So long it is known which moments were carried out; plans that are over stay so long, too, without their words."""


def forget_plans(connection: Connection, person: str) -> None:
    """What they planned, what only they would read, and what they asked to be sent."""
    connection.execute(delete(plans).where(or_(plans.c.owner == person, plans.c.only == person)))
    connection.execute(delete(plan_subscribers).where(plan_subscribers.c.person == person))


def forget_scope(connection: Connection, scope: str) -> None:
    connection.execute(delete(plans).where(plans.c.scope == scope))


def drop_old_runs(connection: Connection, *, now: datetime) -> None:
    connection.execute(delete(plan_runs).where(plan_runs.c.ended_at < now - RUNS_KEPT))
    over = plans.c.state == PlanState.OVER.value
    old = or_(plans.c.touched_at < now - RUNS_KEPT, plans.c.touched_at.is_(None))
    connection.execute(delete(plans).where(over, old))

"""Who wants to be sent what a plan leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from bot.storage.connection import guard_words
from bot.storage.places import insert
from bot.storage.tables import plan_subscribers, plans
from bot.talk.plan import PlanState


def subscribe(connection: Connection, plan_id: str, person: str, *, at: datetime, most: int) -> bool:
    guard_words(connection, forgetting=False)
    waits = (plans.c.id == plan_id, plans.c.state == PlanState.WAITING.value)
    # Held, so that two who come at once are counted one after the other.
    if connection.execute(select(plans.c.id).where(*waits).with_for_update()).first() is None:
        return False
    of_it = plan_subscribers.c.plan == plan_id
    if connection.execute(select(func.count()).where(of_it, plan_subscribers.c.person != person)).scalar_one() >= most:
        return False
    new = insert(connection, plan_subscribers).values(plan=plan_id, person=person, at=at)
    connection.execute(new.on_conflict_do_nothing())
    return True


def unsubscribe(connection: Connection, plan_id: str, person: str) -> bool:
    of_it = (plan_subscribers.c.plan == plan_id, plan_subscribers.c.person == person)
    return connection.execute(delete(plan_subscribers).where(*of_it)).rowcount > 0


def subscribers(connection: Connection, plan_id: str, *, limit: int) -> tuple[str, ...]:
    of_it = select(plan_subscribers.c.person).where(plan_subscribers.c.plan == plan_id)
    ordered = of_it.order_by(plan_subscribers.c.at, plan_subscribers.c.person).limit(limit)
    return tuple(connection.execute(ordered).scalars())


def subscriptions(connection: Connection, person: str, *, limit: int) -> tuple[str, ...]:
    of_them = select(plan_subscribers.c.plan).where(plan_subscribers.c.person == person)
    return tuple(connection.execute(of_them.order_by(plan_subscribers.c.plan).limit(limit)).scalars())

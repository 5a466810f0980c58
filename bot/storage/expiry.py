"""What is too old to be kept, by the rules of its place; `forgetting` then takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, select

from bot.storage.places import to_policy
from bot.storage.tables import conversations, deliveries, messages, places, turns
from bot.talk.message import PlaceKind
from bot.talk.policy import Policy
from bot.talk.turn import TurnState

TOMBSTONE = timedelta(days=8)
"""Longer than the oldest question that may still be answered after a restart (LIMITS_ANSWER_AFTER_MINUTES: a week)."""


def retention(connection: Connection, *, now: datetime, default_days: int) -> list[tuple[str, datetime]]:
    """Each place's key, and the moment before which its words are to go; a thread follows its channel's days."""
    own = {row["key"]: (to_policy(row), row) for row in connection.execute(select(places)).mappings()}

    def days(policy: Policy, row: RowMapping) -> int:
        if row["kind"] == PlaceKind.THREAD.value and (channel := own.get(f"{row['platform']}:{row['parent']}")):
            policy = policy.within(channel[0])
        return policy.retention_days or default_days

    return [(key, now - timedelta(days=days(policy, row))) for key, (policy, row) in own.items()]


def expired(connection: Connection, place: str, *, before: datetime, limit: int) -> list[str]:
    return list(
        connection.execute(
            select(messages.c.id)
            .where(messages.c.place == place, messages.c.sent_at < before, messages.c.body.is_not(None))
            .order_by(messages.c.sent_at)
            .limit(limit)
        ).scalars()
    )


def expire_deliveries(connection: Connection, cutoffs: Sequence[tuple[str, datetime]]) -> None:
    for place, before in cutoffs:
        connection.execute(delete(deliveries).where(deliveries.c.place == place, deliveries.c.created_at < before))


def drop_tombstones(connection: Connection, *, now: datetime) -> None:
    """Those that no replay and no running turn can ask for any more."""
    busy = (
        select(conversations.c.place)
        .join(turns, turns.c.conversation == conversations.c.id)
        .where(turns.c.state == TurnState.OPEN.value)
    )
    connection.execute(
        delete(messages).where(
            messages.c.body.is_(None), messages.c.recorded_at < now - TOMBSTONE, messages.c.place.not_in(busy)
        )
    )

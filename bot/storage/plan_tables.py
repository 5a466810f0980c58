"""The tables of what is planned; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

plans = Table(
    "plans",
    metadata,
    Column("id", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE")),
    Column("only", Words),
    Column("owner", Words),
    Column("scope", Words),
    Column("recurrence", Words, nullable=False),
    Column("timezone", Words, nullable=False),
    Column("payload", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("due", Moment),
    Column("look_at", Moment),
    Column("touched_at", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("holder", Words),
    Column("token", Words),
    Index(None, "kind", "state", "look_at"),
    Index(None, "kind", "touched_at"),
    Index(None, "place"),
    Index(None, "only"),
    Index(None, "owner"),
    Index(None, "scope"),
    Index(None, "holder"),
)

plan_runs = Table(
    "plan_runs",
    metadata,
    Column("plan", Words, ForeignKey("plans.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ended_at", Moment, nullable=False),
    PrimaryKeyConstraint("plan", "at"),
    Index(None, "ended_at"),
)

plan_subscribers = Table(
    "plan_subscribers",
    metadata,
    Column("plan", Words, ForeignKey("plans.id", ondelete="CASCADE"), nullable=False),
    Column("person", Words, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("plan", "person"),
    Index(None, "person"),
)

"""The tables of approvals and of the rules of tools; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

requests = Table(
    "requests",
    metadata,
    Column("id", Words, primary_key=True),
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("asker", Words, nullable=False),
    Column("call", Words, nullable=False),
    Column("tool", Words, nullable=False),
    Column("arguments", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("definition", Words, nullable=False),
    Column("until", Moment, nullable=False),
    Column("state", Words, nullable=False),
    Column("begun", Boolean, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Words),
    Index(None, "turn"),
    Index(None, "state", "until"),
)

tool_rules = Table(
    "tool_rules",
    metadata,
    Column("scope", Words, nullable=False),
    Column("tool", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("place", Words),
    Column("guild", Words),
    Column("allowed", Boolean, nullable=False),
    PrimaryKeyConstraint("scope", "tool", "role"),
)

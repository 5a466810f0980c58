"""The outbox, and what of it stands on a platform. What the columns are for stands in `tables.py`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, false

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Words, primary_key=True),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("only", Words),
    Column("turn", Words, ForeignKey("turns.id", ondelete="SET NULL")),
    Column("state", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("reply_to", Words),
    Column("handle", Words),
    Column("actions", Words),
    Column("lead", Words, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("transient", Boolean, nullable=False, server_default=false()),
    Column("shown", Words),
    Column("created_at", Moment, nullable=False),
    Column("owner", Words),
    Column("poll", Words),
    Column("told", Words),
    Column("changed", Boolean, nullable=False, server_default=false()),
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("sent_at", Moment),
    Column("opens", Words),
    Column("tags", Words),
    Index(None, "owner"),
    Index(None, "place", "created_at"),
    Index(None, "turn"),
    Index(None, "only"),
    Index(None, "state"),
)

shown = Table(
    "shown",
    metadata,
    Column("place", Words, nullable=False),
    Column("message", Words, nullable=False),
    Column("delivery", Words, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("place", "message"),
    Index(None, "delivery"),
)

"""The tables of support channels; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
)

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

support_channels = Table(
    "support_channels",
    metadata,
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), primary_key=True),
    Column("body", Words, nullable=False),
)

support_set_ups = Table(
    "support_set_ups",
    metadata,
    Column("id", Words, primary_key=True),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("owner", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("seen", Words),
    Column("at", Moment, nullable=False),
    UniqueConstraint("place", "owner"),
    Index(None, "owner"),
    Index(None, "at"),
)

support_talks = Table(
    "support_talks",
    metadata,
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("asker", Words, nullable=False),
    Column("spoken_at", Moment, nullable=False),
    Column("silence", Words),
    Column("changed_at", Moment),
    Column("told", Boolean, nullable=False, server_default=false()),
    Column("overruled", Words, nullable=False),
    Column("counted_from", Moment),
    PrimaryKeyConstraint("place", "asker"),
    Index(None, "asker"),
)

support_answers = Table(
    "support_answers",
    metadata,
    Column("platform", Words, nullable=False),
    Column("message", Words, nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("person", Words, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("platform", "message"),
    Index(None, "place", "at"),
    Index(None, "person", "at"),
    Index(None, "at"),
)

question_parts = Table(
    "question_parts",
    metadata,
    Column("part", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), primary_key=True),
    Column("head", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    Index(None, "head"),
)

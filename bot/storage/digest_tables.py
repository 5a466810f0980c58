"""The tables of digests; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

digest_stages = Table(
    "digest_stages",
    metadata,
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("asked", Words, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("length", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Column("reads", Words, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("begins", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("points", Words, nullable=False),
    PrimaryKeyConstraint("place", "asked", "first", "length"),
    Index(None, "place", "asked", "begins"),
    Index(None, "place", "low"),
    Index(None, "made_at"),
)

delivery_sources = Table(
    "delivery_sources",
    metadata,
    Column("delivery", Words, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("platform", Words, nullable=False),
    Column("message", Words, nullable=False),
    PrimaryKeyConstraint("delivery", "platform", "message"),
    Index(None, "platform", "message"),
)

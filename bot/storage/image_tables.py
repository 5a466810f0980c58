"""The tables of bytes: pictures as the model gets them, and files that people put on the local page."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

images = Table(
    "images",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("media_type", Words, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index(None, "saved_at"),
)

piece_images = Table(
    "piece_images",
    metadata,
    Column("conversation", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", Words, nullable=False),
    PrimaryKeyConstraint("conversation", "seq", "digest"),
    ForeignKeyConstraint(["conversation", "seq"], ["pieces.conversation", "pieces.seq"], ondelete="CASCADE"),
    Index(None, "digest"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Words, primary_key=True),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE")),
    Column("name", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index(None, "message"),
    Index(None, "saved_at"),
)

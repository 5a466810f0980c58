"""The tables of conversations and what the model sees of them; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
)

from bot.storage.columns import Moment, Serial, Words
from bot.storage.metadata import metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", Words, nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("only", Words),
    Column("head", Words),
    Column("fingerprint", Words, nullable=False),
    Column("next_seq", BigInteger, nullable=False, server_default="1"),
    Column("cut_before", BigInteger, nullable=False, server_default="0"),
    Column("cut_cause", Words),
    Column("covered", BigInteger, nullable=False, server_default="0"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("past_revision", BigInteger, nullable=False, server_default="0"),
    Column("summary", Words),
    Column("summary_piece", Words),
    Column("summary_first", BigInteger),
    Column("summary_last", BigInteger),
    Column("summary_by_model", Boolean),
    Column("unseen_before", BigInteger, nullable=False, server_default="0"),
    Column("audience", Words),
    UniqueConstraint("key"),
    Index(None, "place"),
    Index(None, "only"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("id", Words, primary_key=True),
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("usage", Words),
    UniqueConstraint("message", "conversation", "round"),
    Index(None, "conversation"),
    Index(None, "state"),
    Index(None, "closed_at"),
)

pieces = Table(
    "pieces",
    metadata,
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("template", Words, nullable=False),
    Column("images", Words),
    Column("text", Words),
    # Last, so that loading a ledger never walks over it.
    Column("part", Words, nullable=False),
    PrimaryKeyConstraint("conversation", "seq"),
    Index(None, "turn"),
)

piece_sources = Table(
    "piece_sources",
    metadata,
    Column("conversation", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("message", Words),
    Column("author", Words),
    Column("found", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(["conversation", "seq"], ["pieces.conversation", "pieces.seq"], ondelete="CASCADE"),
    Index(None, "conversation", "seq"),
    Index(None, "message"),
    Index(None, "author"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("told", Boolean, nullable=False),
    PrimaryKeyConstraint("conversation", "message"),
    Index(None, "message"),
)

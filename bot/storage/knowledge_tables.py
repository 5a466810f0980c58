"""The tables of the community's own knowledge; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from bot.storage.columns import Moment, Serial, Words
from bot.storage.metadata import metadata

NOTHING = text("''")

knowledge = Table(
    "knowledge",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", Words, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("guild", Words),
    Column("room", Words),
    Column("digest", Words, nullable=False),
    Column("stamp", Words, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("lengths", LargeBinary, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("language", Words, nullable=False, server_default=NOTHING),
    Column("labels", Words, nullable=False, server_default=NOTHING),
    Column("failing_since", Moment),
    Column("embedder", Words, nullable=False, server_default=NOTHING),
    Column("embedded", Integer, nullable=False, server_default="0"),
    Index(None, "guild", "room"),
    # Without this SQLite would hand out the number of a deleted last row again, and an old search would meet new words.
    sqlite_autoincrement=True,
)

knowledge_chunks = Table(
    "knowledge_chunks",
    metadata,
    Column("document", BigInteger, ForeignKey("knowledge.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("heading", Words, nullable=False),
    Column("text", Words, nullable=False),
    PrimaryKeyConstraint("document", "position"),
)

knowledge_terms = Table(
    "knowledge_terms",
    metadata,
    Column("term", Words, nullable=False),
    Column("document", BigInteger, ForeignKey("knowledge.id", ondelete="CASCADE"), nullable=False),
    Column("postings", LargeBinary, nullable=False),
    PrimaryKeyConstraint("term", "document"),
    Index(None, "document"),
    sqlite_with_rowid=False,
)

knowledge_vectors = Table(
    "knowledge_vectors",
    metadata,
    Column("document", BigInteger, ForeignKey("knowledge.id", ondelete="CASCADE"), nullable=False),
    Column("first", Integer, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
    PrimaryKeyConstraint("document", "first"),
)

knowledge_sources = Table(
    "knowledge_sources",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", Words, nullable=False),
    Column("place", Words, nullable=False),
    Column("guild_of", Words),
    Column("guild", Words),
    Column("room", Words),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("added_at", Moment, nullable=False),
    # A document is called by its number, which no earlier one may have had.
    sqlite_autoincrement=True,
)

knowledge_said = Table(
    "knowledge_said",
    metadata,
    Column("document", BigInteger, ForeignKey("knowledge.id", ondelete="CASCADE"), nullable=False),
    Column("platform", Words, nullable=False),
    Column("message", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("place", Words, nullable=False),
    PrimaryKeyConstraint("document", "platform", "message"),
    Index(None, "platform", "message"),
    Index(None, "author"),
    Index(None, "place"),
)

"""The tables of the community's own knowledge; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Serial, Words
from bot.storage.metadata import metadata

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

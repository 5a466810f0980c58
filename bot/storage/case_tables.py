"""The tables of what is left to people; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, text

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

UNSOLVED = text("state <> 'solved'")
_NOTHING = text("''")  # as both dialects tell of it

cases = Table(
    "cases",
    metadata,
    Column("id", Words, primary_key=True),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("message", Words, nullable=False),
    Column("latest", Words, nullable=False),
    Column("times", Integer, nullable=False),
    Column("asker", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("state", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("by_name", Words, nullable=False),
    Column("changed_at", Moment),
    Column("escalated", Integer, nullable=False),
    Column("whose", Words, nullable=False, server_default=_NOTHING),
    Index("ix_cases_unsolved", "place", "whose", unique=True, sqlite_where=UNSOLVED, postgresql_where=UNSOLVED),
    Index(None, "asker"),
    Index(None, "message"),
    Index(None, "state", "opened_at"),
)

case_relays = Table(
    "case_relays",
    metadata,
    Column("id", Words, primary_key=True),
    Column("case", Words, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("message", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("author_name", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "case"),
    Index(None, "place"),
    Index(None, "message"),
    Index(None, "author"),
)

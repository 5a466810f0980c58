"""The tables of channels side by side; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint, false

from bot.storage.columns import Moment, Serial, Words
from bot.storage.metadata import metadata

mirror_links = Table(
    "mirror_links",
    metadata,
    Column("id", Words, primary_key=True),
    Column("scope", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("by", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("exposures", Words, nullable=False),
    Index(None, "scope"),
    Index(None, "active"),
)

mirror_sides = Table(
    "mirror_sides",
    metadata,
    Column("link", Words, ForeignKey("mirror_links.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("place", Words, nullable=False),
    Column("guild", Words),
    Column("name", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("forum", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("link", "place"),
    Index(None, "place"),
)

mirror_copies = Table(
    "mirror_copies",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("link", Words),
    Column("platform", Words, nullable=False),
    Column("message", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("target", Words, nullable=False),
    Column("guild", Words),
    Column("delivery", Words, nullable=False),
    Column("author", Words),
    Column("reply_to", Words),
    Column("taken_at", Moment, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("revision", Integer, nullable=False),
    Column("saved", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("words", Words),
    Column("within", Words),
    UniqueConstraint("platform", "message", "target"),
    UniqueConstraint("delivery"),
    Index(None, "pending", "target"),
    Index(None, "link", "pending"),
    Index(None, "target"),
    Index(None, "source"),
    Index(None, "author"),
    Index(None, "taken_at"),
    sqlite_autoincrement=True,
)

mirror_threads = Table(
    "mirror_threads",
    metadata,
    Column("thread", Words, primary_key=True),
    Column("family", Words, nullable=False),
    Column("side", Words, nullable=False),
    Column("guild", Words),
    Column("opened", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("followed", Words),
    Column("owing", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("family", "side"),
    Index(None, "side"),
    Index(None, "guild"),
    Index(None, "owing"),
)

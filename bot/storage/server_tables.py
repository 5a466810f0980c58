"""The table of what is approved of tool servers; `storage/tables.py` says what it is for."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

server_tools = Table(
    "server_tools",
    metadata,
    Column("server", Words, nullable=False),
    Column("tool", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn", Moment),
    PrimaryKeyConstraint("server", "tool"),
)

"""The tables of languages; `storage/tables.py` says what they are for."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

language_pins = Table(
    "language_pins",
    metadata,
    Column("pins", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("language", Words, nullable=False),
    PrimaryKeyConstraint("pins", "key"),
)

languages_spoken = Table(
    "languages_spoken",
    metadata,
    Column("person", Words, primary_key=True),
    Column("languages", Words, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Index(None, "noted_at"),
)

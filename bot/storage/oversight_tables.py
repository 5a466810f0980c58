"""Tables of oversight: what people think of answers, and what is counted of support.

reviews          answers that staff may look at, by turn; `state`: what staff have decided
review_flags     why an answer is of low confidence; a turn may be marked before it is closed
votes            one a person and answer; `reason`: in the voter's words
support_counts   numbers by room, day (UTC, as its ordinal) and language: no words, nobody's
feedback_rules   where moderators want votes, or none; `guild`: as `platform:id`, so that leaving it finds them

All but the counts and rules hang on a turn: they go with its question.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from bot.storage.columns import Moment, Words
from bot.storage.metadata import metadata

reviews = Table(
    "reviews",
    metadata,
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("room", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("state", Words, nullable=False),
    Index(None, "state", "at"),
    Index(None, "room", "state"),
)

review_flags = Table(
    "review_flags",
    metadata,
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("flag", Words, nullable=False),
    PrimaryKeyConstraint("turn", "flag"),
)

votes = Table(
    "votes",
    metadata,
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("person", Words, nullable=False),
    Column("up", Boolean, nullable=False),
    Column("reason", Words),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("turn", "person"),
    Index(None, "person"),
)

support_counts = Table(
    "support_counts",
    metadata,
    Column("room", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("day", Integer, nullable=False),
    Column("language", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("room", "day", "language", "what"),
    Index(None, "day"),
)

feedback_rules = Table(
    "feedback_rules",
    metadata,
    Column("place", Words, primary_key=True),
    Column("guild", Words),
    Column("wanted", Boolean, nullable=False),
    Index(None, "guild"),
)

"""The tables of the search index.

search_due       messages whose words the index does not hold as they read now. Triggers on `messages` and `places` put
                 them here, and take what the index says of them away, in the transaction that changes them
search_days      between which `messages.seq` everything of a day (days since 1970, UTC) stands
search_words     which messages the index holds as they read now, and in which room
search_segments  the index: some messages of one room each, in 2 ** `bits` pages; never changed, only replaced
search_postings  their pages; `key`: the segment and the number of the page
search_stale     messages that changed or went, of which segments of this room may still hold something: a trigger on
                 `search_words` puts them here, and `tidy_index` takes it out

They hold marks of words (`search_marks.py`), not words.
"""

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
    UniqueConstraint,
)

from bot.storage.columns import Serial
from bot.storage.metadata import metadata

search_due = Table(
    "search_due",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("message"),
    # An edit gives a message a new number here, which no earlier one may have had.
    sqlite_autoincrement=True,
)

search_days = Table(
    "search_days",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)

search_words = Table(
    "search_words",
    metadata,
    Column("message", Serial, ForeignKey("messages.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("room", BigInteger, nullable=False),
)

search_segments = Table(
    "search_segments",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("room", BigInteger, nullable=False),
    Column("bits", Integer, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Index(None, "room"),
    # A search that has read of a segment must not meet another one under its number.
    sqlite_autoincrement=True,
)

search_postings = Table(
    "search_postings",
    metadata,
    Column("key", Serial, primary_key=True, autoincrement=False),
    Column("postings", LargeBinary, nullable=False),
)

search_stale = Table(
    "search_stale",
    metadata,
    Column("room", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),
    PrimaryKeyConstraint("room", "message"),
    sqlite_with_rowid=False,
)

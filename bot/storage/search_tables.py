"""The tables of the search index that both databases have; `search_index.py` knows the rest.

search_due       messages whose words the index does not hold as they read now. Triggers on `messages` and `places` put
                 them here, and take what the index holds of them away, in the transaction that changes them
search_days      between which `messages.seq` everything of a day (days since 1970, UTC) stands

Beside them is `search_words`, the index itself: on SQLite an FTS5 table, on PostgreSQL one with a GIN index. Neither is
known to SQLAlchemy, and both are made by their migration alone. They hold marks of words, not words.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, UniqueConstraint

from bot.storage.columns import Serial
from bot.storage.metadata import metadata

INDEX = "search_words"
"""What SQLite keeps beside it begins with this name, too."""

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


def is_known(name: str | None, kind: str, _parents: object) -> bool:
    """Whether SQLAlchemy has to know this table, or whatever Alembic asks about."""
    return kind != "table" or not (name or "").startswith(INDEX)

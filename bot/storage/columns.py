"""Column types that mean the same on SQLite and PostgreSQL, and that refuse nothing a person can type.

Moments are stored as whole microseconds since 1970 (UTC): exact, comparable and indexable on both, where SQLite has no
type for them. Text loses the two things that not both databases take: NUL and lone surrogates become U+FFFD.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A growing number; SQLite only counts by itself in columns of exactly this type."""


def storable(text: str) -> str:
    """The same text without NUL and lone surrogates, which PostgreSQL or both databases cannot hold."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return encodable(text).replace("\0", "\ufffd")


def encodable(text: str) -> str:
    """The same text without lone surrogates; two that belong together become one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ticks(moment: datetime) -> int:
    """Microseconds since 1970. The moment must be aware."""
    return (moment - _EPOCH) // _TICK


class Words(TypeDecorator[str]):
    """Text of people, programs and platforms."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC when it comes back."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else ticks(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)

"""The index of words itself, `search_words`, which each database keeps in its own way.

On SQLite it is an FTS5 table, whose lists are in the order of `messages.seq`: they are walked from the newest on, and
room by room, so that words which never meet in one message cost no more than their own lists there. On PostgreSQL it is
a GIN index, whose lists come whole: it is looked at part by part (`search_marks.PART`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text

from bot.storage.batches import batches
from bot.storage.search_marks import PART, letters, numbers

TIDY_PAGES = 64
"""Pages of SQLite's index that one step of tidying writes."""
PARTS = 16
"""Parts of PostgreSQL's index that are looked at together, at most."""
MARKS = 1000
"""Marks of one word that are asked for together, where more than one part is."""
NO_END = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message for the index: its `seq`, the room where it was said, and its tokens."""

    seq: int
    room: str
    tokens: Collection[str]


def add(connection: Connection, entries: Sequence[Entry]) -> None:
    """None of them is there yet."""
    if not entries:
        return
    if connection.dialect.name == "sqlite":
        rows: list[dict[str, Any]] = [
            {"seq": each.seq, "words": " ".join(letters(each.room, each.tokens))}
            for each in sorted(entries, key=lambda entry: entry.seq)
        ]
        connection.execute(text("INSERT INTO search_words (rowid, words) VALUES (:seq, :words)"), rows)
    else:
        rows = [
            {"seq": each.seq, "words": numbers(each.room, each.seq >> PART, each.tokens)}
            for each in sorted(entries, key=lambda entry: entry.seq)
        ]
        connection.execute(_ADD, rows)


_ADD = text("INSERT INTO search_words (message, words) VALUES (:seq, :words)").bindparams(
    bindparam("words", type_=ARRAY(BigInteger))
)


def newest(
    connection: Connection, tokens: Sequence[str], rooms: Collection[str], *, low: int, below: int, limit: int
) -> list[int]:
    """`seq` of the newest messages that have all tokens and may be in one of these rooms, from `low` on, `below` left
    out; the newest first."""
    if not rooms or low >= below:
        return []
    if connection.dialect.name == "sqlite":
        return _in_order(connection, tokens, rooms, low=low, below=below, limit=limit)
    return _by_parts(connection, tokens, rooms, low=low, below=below, limit=limit)


_MATCH = text(
    "SELECT rowid FROM search_words WHERE search_words MATCH :asked AND rowid >= :low AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)


def _in_order(
    connection: Connection, tokens: Sequence[str], rooms: Collection[str], *, low: int, below: int, limit: int
) -> list[int]:
    found: list[int] = []
    for some in batches(sorted(rooms)):
        asked = " OR ".join(f"({' AND '.join(letters(room, tokens))})" for room in some)
        values = {"asked": asked, "low": low, "below": below, "most": limit}
        found += connection.execute(_MATCH, values).scalars()
    return sorted(found, reverse=True)[:limit]


# The list of marks decides: to walk the table instead, or to compile for the occasion, is never right here.
_AGREED = text(
    "SELECT min(message), max(message), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true) "
    "FROM search_words"
)


def _by_parts(
    connection: Connection, tokens: Sequence[str], rooms: Collection[str], *, low: int, below: int, limit: int
) -> list[int]:
    first, last, *_ = connection.execute(_AGREED).one()
    if last is None:
        return []
    low, below = max(low, first), min(below, last + 1)
    marked = " AND ".join(f"words && :marks{number}" for number in range(len(tokens)))
    statement = text(
        f"WITH marked AS MATERIALIZED (SELECT message FROM search_words WHERE {marked}) "  # noqa: S608 - of numbers only
        "SELECT message FROM marked WHERE message >= :low AND message < :below ORDER BY message DESC LIMIT :most"
    ).bindparams(*(bindparam(f"marks{number}", type_=ARRAY(BigInteger)) for number in range(len(tokens))))
    found: list[int] = []
    for parts in _parts(low, below, together=min(PARTS, MARKS // len(rooms))):
        marks = {
            f"marks{number}": [mark for room in rooms for part in parts for mark in numbers(room, part, (token,))]
            for number, token in enumerate(tokens)
        }
        values = {"low": low, "below": below, "most": limit - len(found), **marks}
        found += connection.execute(statement, values).scalars()
        if len(found) >= limit:
            break
    return found


def _parts(low: int, below: int, *, together: int) -> Iterator[range]:
    """From the newest on: first one, then ever more together, up to as many."""
    end, many = ((below - 1) >> PART) + 1, 1
    while end > low >> PART:
        begin = max(low >> PART, end - many)
        yield range(begin, end)
        end, many = begin, max(1, min(many * 4, together))


def tidy(connection: Connection) -> bool:
    """PostgreSQL's autovacuum does it by itself. SQLite keeps what went until the segment it is in is written anew;
    fewer than two changes say that nothing was left to do. Source: "The 'merge' Command", fts5.html."""
    if connection.dialect.name != "sqlite":
        return False
    changes = "SELECT total_changes()"
    before = connection.execute(text(changes)).scalar_one()
    connection.execute(
        text("INSERT INTO search_words (search_words, rank) VALUES ('merge', :pages)"), {"pages": -TIDY_PAGES}
    )
    return connection.execute(text(changes)).scalar_one() - before >= 2

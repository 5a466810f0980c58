"""The index of words in its tables, alike on both databases: many small segments that become few large ones.

What is taken in at a time is one new segment in each room; when a room has many of about one size, they become one of
the next. So each message is written a few times, always in long rows that lie side by side, and a room's words lie in
few places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from bot.storage.among import among, by_dialect, many
from bot.storage.search_postings import PAGE_BITS, Made, Segment, made, unpacked
from bot.storage.tables import search_postings, search_segments, search_words

NO_END = 2**62
ALIKE = 4
"""Segments of one room and about one size that become one."""
LEVEL_BITS, LAST_LEVEL = 3, 3
"""Levels of size: so many bits of the number of pages each. Segments of the last one stay as they are."""
TOGETHER = 2048
"""Pages of segments that become others in one transaction, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message for the index: its `seq`, the room where it was said, and its postings."""

    seq: int
    room: int
    postings: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Segments of one room, and what their pages hold, by key."""

    segments: Sequence[Segment]
    pages: Mapping[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What segments of one room, with the keys of their pages, become."""

    old: Collection[int]
    pages: Collection[int]
    new: Sequence[Made]


_COLUMNS = search_segments.c
_SEGMENTS = by_dialect(
    lambda dialect: select(search_segments).where(
        among(dialect, _COLUMNS.room, "rooms"), _COLUMNS.high >= bindparam("low"), _COLUMNS.low < bindparam("below")
    )
)
_PAGES = by_dialect(
    lambda dialect: select(search_postings).where(among(dialect, search_postings.c.key, "keys")),
)
_SMALL = by_dialect(
    lambda dialect: select(search_segments).where(
        among(dialect, _COLUMNS.room, "rooms"), _COLUMNS.bits <= LEVEL_BITS * (LAST_LEVEL - 1)
    )
)
_LOCKED = by_dialect(
    lambda dialect: (
        select(_COLUMNS.id).where(among(dialect, _COLUMNS.id, "ids")).order_by(_COLUMNS.id).with_for_update()
    )
)
_DROP_SEGMENTS = by_dialect(lambda dialect: delete(search_segments).where(among(dialect, _COLUMNS.id, "ids")))
_DROP_PAGES = by_dialect(lambda dialect: delete(search_postings).where(among(dialect, search_postings.c.key, "keys")))
_ADD = insert(search_segments).returning(_COLUMNS.id, sort_by_parameter_order=True)


def segments(connection: Connection, rooms: Collection[int], *, low: int = 0, below: int = NO_END) -> list[Segment]:
    """Of these rooms, as far as they have anything from `low` on, `below` left out."""
    if not rooms or low >= below:
        return []
    values = {"rooms": many(connection, rooms), "low": low, "below": below}
    return _to_segments(connection.execute(_SEGMENTS[connection.dialect.name], values).all())


def _to_segments(rows: Iterable[Any]) -> list[Segment]:
    return [Segment._make(row) for row in rows]


def pages(connection: Connection, keys: Collection[int]) -> dict[int, bytes]:
    found = connection.execute(_PAGES[connection.dialect.name], {"keys": many(connection, keys)})
    return {key: page for key, page in found.all()}  # noqa: C416 - rows are no pairs to the type checker


def add(connection: Connection, entries: Sequence[Entry]) -> None:
    """None of them is there as it reads now."""
    if not entries:
        return
    connection.execute(insert(search_words), [{"message": each.seq, "room": each.room} for each in entries])
    by_room = sorted(entries, key=attrgetter("room"))
    new = (
        made(room, (posted for entry in some for posted in entry.postings))
        for room, some in groupby(by_room, key=attrgetter("room"))
    )
    _write(connection, list(chain.from_iterable(new)))


def _write(connection: Connection, new: Sequence[Made]) -> None:
    if not new:
        return
    rows = [{"room": each.room, "bits": each.bits, "low": each.low, "high": each.high} for each in new]
    ids = connection.execute(_ADD, rows).scalars().all()
    pages_of_all = [
        {"key": id_ << PAGE_BITS | number, "postings": page}
        for id_, each in zip(ids, new, strict=True)
        for number, page in each.pages
    ]
    connection.execute(insert(search_postings), pages_of_all)


def crowded(connection: Connection, rooms: Collection[int]) -> list[Content]:
    """What is to become fewer segments, of these rooms; not all of it where that is much."""
    found = connection.execute(_SMALL[connection.dialect.name], {"rooms": many(connection, rooms)})
    small = _to_segments(found.all())
    alike: dict[tuple[int, int], list[Segment]] = {}
    for each in small:
        alike.setdefault((each.room, -(-each.bits // LEVEL_BITS)), []).append(each)
    chosen: list[list[Segment]] = []
    together = 0
    for some in alike.values():
        if len(some) >= ALIKE and together < TOGETHER:
            chosen.append(some)
            together += sum(1 << each.bits for each in some)
    return contents(connection, chosen)


def contents(connection: Connection, several: Sequence[Sequence[Segment]]) -> list[Content]:
    if not several:
        return []
    keys = [key for some in several for each in some for key in each.keys]
    # By key and never by a range for each segment: PostgreSQL reads the whole table for those.
    found = pages(connection, keys)
    return [
        Content(segments=some, pages={key: found[key] for each in some for key in each.keys if key in found})
        for some in several
    ]


def joined(content: Content) -> Change:
    return change(content, unpacked(b"".join(content.pages.values())))


def change(content: Content, postings: Iterable[int]) -> Change:
    """What these segments held becomes one segment of these postings, or none."""
    return Change(
        old=[each.id for each in content.segments],
        pages=content.pages,
        new=made(content.segments[0].room, postings),
    )


def replace(connection: Connection, changes: Iterable[Change]) -> bool:
    """Whether all were made: what another process has replaced meanwhile stays as it is."""
    wanted = list(changes)
    dialect, ids = connection.dialect.name, [id_ for each in wanted for id_ in each.old]
    there = set(connection.execute(_LOCKED[dialect], {"ids": many(connection, ids)}).scalars())
    made_now = [each for each in wanted if there.issuperset(each.old)]
    connection.execute(
        _DROP_SEGMENTS[dialect], {"ids": many(connection, [id_ for each in made_now for id_ in each.old])}
    )
    connection.execute(
        _DROP_PAGES[dialect], {"keys": many(connection, [key for each in made_now for key in each.pages])}
    )
    _write(connection, [new for each in made_now for new in each.new])
    return len(made_now) == len(wanted)

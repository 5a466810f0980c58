"""Takes out of the index what it still holds of messages that changed or went: marks, which nobody finds any more.

A segment is written anew without them. What was changed and taken in again since may stand in the same segments, and
cannot be told from what it was: it goes with it, and is due once more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from bot.storage import search_index
from bot.storage.among import among, by_dialect, many
from bot.storage.places import upsert
from bot.storage.search_index import Change, Content
from bot.storage.search_postings import Segment, unpacked, without
from bot.storage.tables import messages, search_due, search_stale, search_words

STALE = 1000
"""Messages of one room that are looked at in one step."""

_STALE = (
    select(search_stale.c.room, search_stale.c.message)
    .where(search_stale.c.room == select(search_stale.c.room).limit(1).scalar_subquery())
    .order_by(search_stale.c.message.desc())
    .limit(STALE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Messages of one room, and all segments that may hold anything of them."""

    room: int
    seqs: Collection[int]
    content: Content


_LOCKED = by_dialect(
    lambda dialect: (
        select(messages.c.seq)
        .where(among(dialect, messages.c.seq, "seqs"))
        .order_by(messages.c.seq)
        .with_for_update(read=True, key_share=True)
    )
)
_AGAIN = by_dialect(
    lambda dialect: select(search_words.c.message).where(
        among(dialect, search_words.c.message, "seqs"), search_words.c.room == bindparam("room")
    )
)
_DROP_WORDS = by_dialect(lambda dialect: delete(search_words).where(among(dialect, search_words.c.message, "seqs")))
_DROP_STALE = by_dialect(
    lambda dialect: delete(search_stale).where(
        search_stale.c.room == bindparam("stale_room"), among(dialect, search_stale.c.message, "seqs")
    )
)
_DUE = by_dialect(lambda dialect: upsert(dialect, search_due).on_conflict_do_nothing(index_elements=["message"]))


def stale(connection: Connection) -> Stale | None:
    """The newest of some room, as many as stand in the same segments; None where nothing is left to do."""
    rows = connection.execute(_STALE).all()
    if not rows:
        return None
    room, newest = rows[0]
    there = search_index.segments(connection, [room])
    some = [each for each in there if _may_hold(each, newest)]
    ids = {each.id for each in some}
    seqs = [seq for _, seq in rows if ids.issuperset(each.id for each in there if _may_hold(each, seq))]
    (content,) = search_index.contents(connection, [some])
    return Stale(room=room, seqs=seqs, content=content)


def cleaned(found: Stale) -> Change:
    if not found.content.segments:
        return Change(old=(), pages=(), new=())
    return search_index.change(
        found.content, without(unpacked(b"".join(found.content.pages.values())), set(found.seqs))
    )


def take_out(connection: Connection, found: Stale, change: Change) -> None:
    """Nothing, where other segments that may hold these messages have come meanwhile."""
    dialect, seqs = connection.dialect.name, {"seqs": many(connection, found.seqs)}
    # The message before its entry, like whatever changes or deletes it.
    connection.execute(_LOCKED[dialect], seqs)
    known = {each.id for each in found.content.segments}
    there = search_index.segments(connection, [found.room], low=min(found.seqs), below=max(found.seqs) + 1)
    if any(each.id not in known and any(_may_hold(each, seq) for seq in found.seqs) for each in there):
        return
    if change.old and not search_index.replace(connection, [change]):
        return
    again = connection.execute(_AGAIN[dialect], seqs | {"room": found.room}).scalars().all()
    if again:
        connection.execute(_DROP_WORDS[dialect], {"seqs": many(connection, again)})
        connection.execute(_DUE[dialect], [{"message": seq} for seq in again])
    connection.execute(_DROP_STALE[dialect], seqs | {"stale_room": found.room})


def _may_hold(segment: Segment, seq: int) -> bool:
    return segment.low <= seq <= segment.high

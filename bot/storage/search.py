"""Looking for messages, and taking them into the index.

The index only proposes: what is told comes from `messages` as they read at that moment, and is compared with the
question. So whatever the index still holds shows nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, delete, func, select

from bot.ports.history import Wanted
from bot.storage import search_index
from bot.storage.places import DIALECTS, place_columns, to_place, upsert
from bot.storage.search_index import NO_END, Entry
from bot.storage.search_marks import asked_tokens, is_called, text_of, tokens_of
from bot.storage.tables import messages, places, search_days, search_due
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL, message_columns, to_message
from bot.talk import spelling
from bot.talk.message import Message
from bot.talk.spelling import Term

log = logging.getLogger(__name__)

TAIL = 1000
"""Messages that are not in the index yet and are looked through all the same, the newest ones."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_KEPT = (messages.c.body.is_not(None), messages.c.transient.is_(False))
_FOUND = (
    select(*message_columns())
    .select_from(messages)
    .join(places, places.c.key == messages.c.place)
    .where(
        messages.c.seq.in_(bindparam("seqs", expanding=True)),
        *_KEPT,
        *SAID_TO_ALL,
        OF_WHO_ALLOWS_IT,
    )
    .order_by(messages.c.seq.desc())
)
_TAIL = (
    select(messages.c.seq, *place_columns())
    .select_from(search_due)
    .join(messages, messages.c.seq == search_due.c.message)
    .join(places, places.c.key == messages.c.place)
    .order_by(search_due.c.message.desc())
    .limit(TAIL + 1)
)
_FIRST = select(func.min(search_days.c.first)).where(search_days.c.day >= bindparam("since"))
_LAST = select(func.max(search_days.c.last)).where(search_days.c.day <= bindparam("until"))
_OLDER = (
    select(messages.c.seq, *place_columns())
    .select_from(messages)
    .join(places, places.c.key == messages.c.place)
    .where(
        messages.c.platform == bindparam("platform"),
        messages.c.id == bindparam("message"),
        messages.c.body.is_not(None),
    )
)


class Question:
    """What is wanted, as the index is asked and as texts are compared with it."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.terms: tuple[Term, ...] = spelling.terms(wanted.words)
        self.tokens = asked_tokens(wanted, self.terms)

    def fits(self, message: Message) -> bool:
        """Whether the message is what is looked for, wherever the index has it from."""
        if not self._is_in_reach(message) or message.id == self.wanted.but:
            return False
        if self.wanted.author and not is_called(message.author, self.wanted.author):
            return False
        spelled = spelling.spelled(text_of(message)) if self.terms else ""
        return all(spelling.holds(spelled, term) for term in self.terms)

    def _is_in_reach(self, message: Message) -> bool:
        wanted, place = self.wanted, message.place
        return (
            place.platform == wanted.platform
            and place.room in wanted.rooms
            and (not wanted.places or place.key in wanted.places or place.room in wanted.places)
            and wanted.by in ("", message.author.key)
            and (wanted.since is None or message.sent_at >= wanted.since)
            and (wanted.until is None or message.sent_at < wanted.until)
        )

    def at(self, message: Message) -> int:
        """About where in the text the first term stands."""
        return spelling.position(message.text, self.terms[0]) if self.terms else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of `seq`, `below` left out. `tail`: what is not in the index yet, and may be looked for; `behind`: there is
    more of that than is looked through."""

    low: int
    below: int
    tail: tuple[int, ...]
    behind: bool


def bounds(connection: Connection, wanted: Wanted) -> Bounds:
    """Raises ValueError for an unknown message to go on from, and alike for one elsewhere."""
    below = NO_END
    if wanted.older:
        row = connection.execute(_OLDER, {"platform": wanted.platform, "message": wanted.older}).mappings().first()
        if row is None or to_place(row).room not in wanted.rooms:
            raise ValueError("older must be what an earlier search gave for it")
        below = row["seq"]
    due = connection.execute(_TAIL).mappings().all()
    tail = tuple(row["seq"] for row in due[:TAIL] if row["seq"] < below and to_place(row).room in wanted.rooms)
    low = 0
    if wanted.since is not None:
        low = connection.execute(_FIRST, {"since": day(wanted.since)}).scalar() or NO_END
    if wanted.until is not None:
        below = min(below, (connection.execute(_LAST, {"until": day(wanted.until)}).scalar() or -1) + 1)
    return Bounds(low=low, below=below, tail=tail, behind=len(due) > TAIL)


def proposed(connection: Connection, question: Question, where: Bounds, *, below: int, limit: int) -> list[int]:
    """The newest messages that may be what is looked for."""
    tail = [seq for seq in where.tail if seq < below][:limit]
    indexed = search_index.newest(
        connection,
        question.tokens,
        question.wanted.rooms,
        low=where.low,
        below=min(below, where.below),
        limit=limit,
    )
    return sorted({*tail, *indexed}, reverse=True)[:limit]


def read(connection: Connection, seqs: Sequence[int]) -> list[RowMapping]:
    """Those that may be told, newest first."""
    return list(connection.execute(_FOUND, {"seqs": list(seqs)}).mappings()) if seqs else []


def day(moment: datetime) -> int:
    return (moment - _EPOCH).days


# taking into the index

_DUE = (
    select(search_due.c.id.label("due"), messages.c.recorded_at, *message_columns())
    .select_from(search_due)
    .join(messages, messages.c.seq == search_due.c.message)
    .join(places, places.c.key == messages.c.place)
    .where(*_KEPT)
    .order_by(search_due.c.message.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message that waits, as it was read: `due` is another number as soon as it reads otherwise."""

    due: int
    day: int
    entry: Entry


def due(connection: Connection, *, limit: int) -> list[RowMapping]:
    return list(connection.execute(_DUE, {"most": limit}).mappings())


def prepared(rows: Iterable[RowMapping]) -> list[Due]:
    return [_prepared(row) for row in rows]


def _prepared(row: RowMapping) -> Due:
    """One that cannot be read is entered without a word: it would hold up all others for ever."""
    try:
        tokens = tokens_of(to_message(row))
    except Exception as error:
        log.error("message %s cannot be indexed, and is not found: %s", row["id"], type(error).__name__)
        tokens = set[str]()
    entry = Entry(seq=row["seq"], room=to_place(row).room, tokens=tokens)
    return Due(due=row["due"], day=day(row["sent_at"]), entry=entry)


def _widened(dialect: str) -> Any:
    new = upsert(dialect, search_days)
    first, last = search_days.c.first, search_days.c.last
    return new.on_conflict_do_update(
        index_elements=["day"],
        set_={
            "first": case((new.excluded.first < first, new.excluded.first), else_=first),
            "last": case((new.excluded.last > last, new.excluded.last), else_=last),
        },
    )


_WIDEN = {dialect: _widened(dialect) for dialect in DIALECTS}


def enter(connection: Connection, waiting: Collection[Due]) -> int:
    """Those that still read as they did; how many were entered."""
    numbers = [each.due for each in waiting]
    # The message before its entry, like whatever changes or deletes it; and no two processes take the same.
    seqs = sorted(each.entry.seq for each in waiting)
    locked = select(messages.c.seq).where(messages.c.seq.in_(seqs)).order_by(messages.c.seq)
    connection.execute(locked.with_for_update(read=True, key_share=True))
    free = select(search_due.c.id).where(search_due.c.id.in_(numbers)).order_by(search_due.c.id)
    mine = set(connection.execute(free.with_for_update(skip_locked=True)).scalars())
    if not mine:
        return 0
    connection.execute(delete(search_due).where(search_due.c.id.in_(mine)))
    entered = [each for each in waiting if each.due in mine]
    search_index.add(connection, [each.entry for each in entered])
    days: dict[int, list[int]] = {}
    for each in entered:
        days.setdefault(each.day, []).append(each.entry.seq)
    rows = [{"day": each, "first": min(days[each]), "last": max(days[each])} for each in sorted(days)]
    connection.execute(_WIDEN[connection.dialect.name], rows)
    return len(entered)

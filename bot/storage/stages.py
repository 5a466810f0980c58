"""What a model made of stretches of what was said. A stage goes with any of the messages that it was made of."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from bot.ports.digests import Stage, reads
from bot.storage import delivery_codec
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.digests import TOLD, mark
from bot.storage.places import insert
from bot.storage.tables import digest_stages, messages
from bot.talk.digest import Period
from bot.talk.message import Place

KEPT_FOR = timedelta(days=40)
"""A stage that is older is made anew; a digest of a month still finds those of its days."""


def stages(connection: Connection, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
    rows = connection.execute(
        select(digest_stages)
        .where(
            digest_stages.c.place == place.key,
            digest_stages.c.asked == asked,
            digest_stages.c.begins >= period.since,
            digest_stages.c.begins < period.until,
        )
        .order_by(digest_stages.c.length.desc())
    )
    return tuple(
        Stage(
            place=row.place,
            first=row.first,
            last=row.last,
            low=row.low,
            high=row.high,
            length=row.length,
            reads=row.reads,
            asked=row.asked,
            closed=row.closed,
            points=delivery_codec.load_points(row.points, place),
        )
        for row in rows
    )


def save_stages(connection: Connection, made: Sequence[Stage], *, at: datetime) -> None:
    guard_words(connection, forgetting=False)
    for stage in made:
        begins = _begins(connection, stage)
        if begins is None:
            continue
        values = {
            "last": stage.last,
            "low": stage.low,
            "high": stage.high,
            "reads": stage.reads,
            "closed": stage.closed,
            "begins": begins,
            "made_at": at,
            "points": delivery_codec.dump_points(stage.points),
        }
        key = {"place": stage.place, "asked": stage.asked, "first": stage.first, "length": stage.length}
        new = insert(connection, digest_stages).values(**key, **values)
        connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))


def _begins(connection: Connection, stage: Stage) -> datetime | None:
    """When its first message was sent; None where its messages read otherwise by now."""
    which = (messages.c.place == stage.place, messages.c.seq.in_([stage.first, stage.last]))
    ends = {
        row.seq: row.sent_at for row in connection.execute(select(messages.c.seq, messages.c.sent_at).where(*which))
    }
    if len(ends) != len({stage.first, stage.last}):
        return None
    first, last = (ends[stage.first], stage.first), (ends[stage.last], stage.last)
    rows = connection.execute(
        select(messages.c.seq, messages.c.sent_at, messages.c.edited_at, func.length(messages.c.body).label("length"))
        .where(messages.c.place == stage.place, messages.c.sent_at.between(first[0], last[0]), *TOLD)
        .order_by(messages.c.sent_at, messages.c.seq)
    )
    marks = [mark(row.seq, row.edited_at, row.length) for row in rows if first <= (row.sent_at, row.seq) <= last]
    return first[0] if len(marks) == stage.length and reads(marks) == stage.reads else None


def forget_stages(connection: Connection, seqs: Iterable[int]) -> None:
    """Those that were made of any of these messages."""
    for batch in batches(seqs):
        where: dict[str, list[int]] = defaultdict(list)
        for row in connection.execute(select(messages.c.place, messages.c.seq).where(messages.c.seq.in_(batch))):
            where[row.place].append(row.seq)
        for place, gone in where.items():
            _forget(connection, place, sorted(gone))


def forget_stages_of(connection: Connection, person: str) -> None:
    """Those that anything was told in by them."""
    known = select(digest_stages.c.place).distinct()
    rows = connection.execute(
        select(messages.c.place, messages.c.seq)
        .where(messages.c.author == person, messages.c.place.in_(known))
        .order_by(messages.c.seq)
    )
    where: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        where[row.place].append(row.seq)
    for place, gone in where.items():
        _forget(connection, place, gone)


def _forget(connection: Connection, place: str, gone: Sequence[int]) -> None:
    """`gone` in order."""
    c = digest_stages.c
    found = connection.execute(
        select(c.asked, c.first, c.length, c.low, c.high).where(c.place == place, c.low <= gone[-1], c.high >= gone[0])
    ).all()
    for row in found:
        at = bisect_left(gone, row.low)
        if at < len(gone) and gone[at] <= row.high:
            connection.execute(
                delete(digest_stages).where(
                    c.place == place, c.asked == row.asked, c.first == row.first, c.length == row.length
                )
            )


def drop_old_stages(connection: Connection, *, now: datetime) -> None:
    connection.execute(delete(digest_stages).where(digest_stages.c.made_at < now - KEPT_FOR))

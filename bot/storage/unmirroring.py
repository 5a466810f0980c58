"""How copies of messages go: with their originals, with people, with places and links, and when they are old."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, null, or_, select, update

from bot.storage.batches import batches
from bot.storage.mirror_ways import close_threads, forget_threads
from bot.storage.mirrors import AGAIN, unsay
from bot.storage.tables import deliveries, mirror_copies, shown

FOLLOWED = timedelta(days=30)
"""So long what happens to a message happens to its copies."""

_c = mirror_copies.c


def unlink(connection: Connection, links: Collection[str]) -> None:
    """What waits is not shown any more; what was shown goes with its message."""
    for batch in batches(links):
        connection.execute(delete(mirror_copies).where(_c.link.in_(batch), _c.saved == 0))
        edits = and_(_c.gone.is_(False), _c.revision > _c.saved)
        revision = case((edits, _c.saved), else_=_c.revision)
        over = {"link": None, "words": None, "revision": revision}
        unsay(connection, _c.link.in_(batch))
        connection.execute(update(mirror_copies).where(_c.link.in_(batch)).values(over))
    loose = (_c.link.is_(None), _c.pending, _c.done >= _c.revision)
    connection.execute(update(mirror_copies).where(*loose).values(pending=False))


def withdraw(connection: Connection, platform: str, ids: Collection[str]) -> None:
    """These messages were deleted."""
    for batch in batches(ids):
        _take_away(connection, and_(_c.platform == platform, _c.message.in_(batch)))


def withdraw_of_person(connection: Connection, person: str) -> None:
    _take_away(connection, _c.author == person)


def withdraw_of_places(connection: Connection, keys: Collection[str]) -> None:
    """What was said there stands nowhere else any more; what stood there is out of reach."""
    for batch in batches(keys):
        connection.execute(delete(mirror_copies).where(_c.target.in_(batch)))
        withdraw_said_in(connection, batch)
        close_threads(connection, batch)


def forget_guild(connection: Connection, platform: str, guild: str) -> None:
    """All copies there are out of reach, also of channels of which nothing else is known."""
    connection.execute(delete(mirror_copies).where(_c.platform == platform, _c.guild == guild))
    forget_threads(connection, platform, guild)


def withdraw_said_in(connection: Connection, keys: Collection[str]) -> None:
    """What was said in these places stands nowhere else any more."""
    for batch in batches(keys):
        _take_away(connection, or_(_c.source.in_(batch), _c.within.in_(batch)))


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows by which copies can still be changed and taken away where they stand; they hold no words once shown."""

    outbox: Sequence[dict[str, Any]]
    messages: Sequence[dict[str, Any]]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(row["place"] for row in self.outbox)


def standing_at(connection: Connection, keys: Collection[str]) -> Standing:
    """Before the places' own rows go."""
    outbox: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for batch in batches(keys):
        here = (deliveries.c.place.in_(batch), deliveries.c.id.in_(select(_c.delivery)))
        outbox += _rows(connection, select(deliveries).where(*here))
        messages += _rows(connection, select(shown).where(shown.c.delivery.in_(select(deliveries.c.id).where(*here))))
    return Standing(outbox=outbox, messages=messages)


def stand_again(connection: Connection, standing: Standing) -> None:
    """What others said elsewhere goes with it, also where all that was said in the place itself was forgotten."""
    for table, rows in ((deliveries, standing.outbox), (shown, standing.messages)):
        for batch in batches(rows):
            connection.execute(table.insert(), list(batch))


def _rows(connection: Connection, asked: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(asked).mappings()]


def _take_away(connection: Connection, which: ColumnElement[bool]) -> None:
    """What the outbox is at is taken away when it is over: where it may have been sent, it has to be found first."""
    values = {**AGAIN, "gone": True, "author": null(), "words": null(), "reply_to": null()}
    unsay(connection, which)
    connection.execute(update(mirror_copies).where(which, _c.gone.is_(False)).values(values))


def recall(connection: Connection) -> None:
    """Before anything is sent: what an earlier process had not begun to send of what is gone is not sent."""
    unsay(connection, _c.gone)


def drop_old(connection: Connection, *, now: datetime) -> None:
    connection.execute(delete(mirror_copies).where(_c.taken_at < now - FOLLOWED, _c.pending.is_(False)))

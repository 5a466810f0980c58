"""Who asks in support channels, whether the bot answers them, and how often it has."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, or_, select, update

from bot.storage.codec import dump
from bot.storage.connection import guard_words
from bot.storage.outbox import save_delivery
from bot.storage.places import insert, place_columns, save_place, to_place
from bot.storage.tables import places, support_answers, support_talks
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Message, Place
from bot.talk.support import Silence, Talk

TALKS = 20
"""Of one place, the latest, that are looked at."""
COUNTED_FOR = timedelta(days=60)
"""Answers that are older are counted no more."""

_C = support_talks.c


def talks(connection: Connection, place: Place) -> Sequence[Talk]:
    return _found(connection, _C.place == place.key, latest=True)


def talk(connection: Connection, place: Place, asker: str | None) -> Talk | None:
    which = [_C.place == place.key, *([] if asker is None else [_C.asker == asker])]
    found = _found(connection, *which, latest=False)
    return found[0] if found else None


def _found(connection: Connection, *which: ColumnElement[bool], latest: bool) -> Sequence[Talk]:
    rows = connection.execute(
        select(support_talks, *place_columns())
        .join(places, places.c.key == _C.place)
        .where(*which)
        .order_by(_C.spoken_at.desc() if latest else _C.spoken_at, _C.asker)
        .limit(TALKS)
    )
    return [_talk(row) for row in rows.mappings()]


def _talk(row: RowMapping) -> Talk:
    return Talk(
        place=to_place(row),
        asker=row["asker"],
        spoken_at=row["spoken_at"],
        silence=None if row["silence"] is None else Silence(row["silence"]),
        changed_at=row["changed_at"],
        told=row["told"],
        overruled=frozenset(json.loads(row["overruled"] or "[]")),
        counted_from=row["counted_from"],
    )


def open_talk(connection: Connection, place: Place, asker: str, *, at: datetime) -> Talk:
    guard_words(connection, forgetting=False)
    save_place(connection, place)
    fresh = {"spoken_at": at, "silence": None, "changed_at": at, "told": False, "overruled": "", "counted_from": None}
    new = insert(connection, support_talks).values(place=place.key, asker=asker, **fresh)
    connection.execute(new.on_conflict_do_update(index_elements=["place", "asker"], set_=fresh))
    return Talk(place=place, asker=asker, spoken_at=at, changed_at=at)


def spoke(connection: Connection, talk: Talk, *, at: datetime) -> None:
    connection.execute(update(support_talks).where(*_of(talk), _C.spoken_at < at).values(spoken_at=at))


def silence(
    connection: Connection,
    talk: Talk,
    why: Silence,
    *,
    at: datetime,
    told: Delivery | None,
    once: bool,
    now: datetime,
) -> tuple[bool, bool]:
    silent = _C.silence.is_(None)
    if why is not Silence.CLOSED:  # else a thread that is opened again would bring it back
        silent = or_(silent, _C.silence == Silence.CLOSED.value)
    done = connection.execute(
        update(support_talks)
        .where(*_of(talk), silent, or_(_C.changed_at.is_(None), _C.changed_at <= at))
        .values(silence=why.value, changed_at=at)
    ).rowcount
    if not done or told is None:
        return done > 0, False
    first = connection.execute(update(support_talks).where(*_of(talk), _C.told.is_(False)).values(told=True)).rowcount
    if first or not once:
        save_delivery(connection, told, DeliveryState.READY, at=now)
    return True, first > 0 or not once


def call_back(connection: Connection, talk: Talk, *, at: datetime, overruled: Collection[str], anew: bool) -> bool:
    values: dict[str, object] = {"silence": None, "changed_at": at, "overruled": dump(sorted(overruled))}
    if anew:
        values["counted_from"] = at
    done = connection.execute(
        update(support_talks).where(*_of(talk), or_(_C.changed_at.is_(None), _C.changed_at <= at)).values(**values)
    )
    return done.rowcount > 0


def count_answer(connection: Connection, talk: Talk, message: Message) -> None:
    guard_words(connection, forgetting=False)
    connection.execute(delete(support_answers).where(support_answers.c.at < message.sent_at - COUNTED_FOR))
    new = insert(connection, support_answers).values(
        platform=message.place.platform,
        message=message.id,
        place=talk.place.key,
        person=message.author.key,
        at=message.sent_at,
    )
    connection.execute(new.on_conflict_do_nothing())


def answers_counted(
    connection: Connection, place: Place, person: str, *, since: datetime, of_thread: datetime | None, besides: str
) -> tuple[int, int]:
    c = support_answers.c
    after = [] if of_thread is None else [c.at > of_thread]
    other = c.message != besides
    here = connection.execute(select(func.count()).where(c.place == place.key, other, *after)).scalar_one()
    theirs = connection.execute(select(func.count()).where(c.person == person, other, c.at > since)).scalar_one()
    return here, theirs


def forget_talks(connection: Connection, person: str) -> None:
    """That somebody asked, and how often."""
    connection.execute(delete(support_talks).where(_C.asker == person))
    connection.execute(delete(support_answers).where(support_answers.c.person == person))


def _of(talk: Talk) -> tuple[ColumnElement[bool], ...]:
    return _C.place == talk.place.key, _C.asker == talk.asker

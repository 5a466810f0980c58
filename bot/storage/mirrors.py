"""Copies of messages in other channels: which are to be shown, how far each is, and how they go."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from bot.storage import codec, delivery_codec
from bot.storage.connection import guard_words
from bot.storage.outbox import save_delivery
from bot.storage.places import has_opted_out, insert, place_columns, to_place
from bot.storage.tables import deliveries, messages, mirror_copies, places, shown
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Message, Place
from bot.talk.mirror import Carried, Copy, Link
from bot.talk.record import Outgoing, Recent

_c = mirror_copies.c
AGAIN: dict[str, Any] = {"revision": _c.revision + 1, "pending": True}
"""It is to be shown anew."""

# Made once: building a statement costs more than running it.
_NEXT = (
    select(mirror_copies, *place_columns())
    .outerjoin(places, places.c.key == _c.target)
    .where(_c.target == bindparam("at"), _c.pending)
    .order_by(case((_c.saved > _c.done, 0), (_c.gone, 1), else_=2), _c.seq)
    .limit(1)
)
_HELD = (
    select(
        _c.revision,
        _c.saved,
        _c.done,
        _c.gone,
        deliveries.c.id.label("stands"),
        deliveries.c.shown,
        deliveries.c.created_at,
    )
    .outerjoin(deliveries, deliveries.c.id == _c.delivery)
    .where(_c.seq == bindparam("copy"))
    .with_for_update(of=mirror_copies)
)
_SAVED = (
    update(mirror_copies)
    .where(_c.seq == bindparam("copy"))
    .values(
        saved=bindparam("now"),
        words=None,
        done=case((bindparam("over"), bindparam("now")), else_=_c.done),
        pending=case((bindparam("over"), False), else_=True),
    )
)
_COPY_SHOWN = select(_c.message, _c.source).where(
    _c.delivery.in_(
        select(shown.c.delivery).where(shown.c.place == bindparam("at"), shown.c.message == bindparam("answered"))
    )
)
_COPY_OF = (
    select(deliveries.c.shown)
    .join(mirror_copies, _c.delivery == deliveries.c.id)
    .where(_c.platform == bindparam("of"), _c.message == bindparam("original"), _c.target == bindparam("at"))
)
_TRANSIENT = update(deliveries).where(deliveries.c.id == bindparam("delivery")).values(transient=True)
_STATE = select(deliveries.c.state).where(deliveries.c.id == bindparam("delivery"))
_SETTLED = (
    update(mirror_copies)
    .where(_c.seq == bindparam("copy"), _c.done < bindparam("now"))
    .values(done=bindparam("now"), pending=_c.revision > bindparam("now"))
)


def take(connection: Connection, link: Link, message: Message, words: Carried, *, most: int, at: datetime) -> bool:
    guard_words(connection, forgetting=False)
    known = connection.execute(select(_c.target).where(*_of(message))).scalars().all()
    if known:
        revise(connection, message, words)
    targets = [side.place for side in link.others(message.place.key) if side.place.key not in known]
    if not targets or has_opted_out(connection, message.author.key):
        return True
    others = select(_c.seq).where(_c.link == link.id, _c.pending).limit(most).subquery()
    if connection.execute(select(func.count()).select_from(others)).scalar_one() >= most:
        return False
    rows = [_row(link, message, words, target, at) for target in targets]
    connection.execute(insert(connection, mirror_copies).on_conflict_do_nothing(), rows)
    return True


def _row(link: Link, message: Message, words: Carried, target: Place, at: datetime) -> dict[str, Any]:
    copy = Copy(seq=0, link=link.id, message=message.id, source=message.place, target=target, taken_at=at, revision=1)
    return {
        "link": link.id,
        "platform": message.place.platform,
        "message": message.id,
        "source": message.place.key,
        "target": target.key,
        "guild": message.place.guild,
        "delivery": copy.delivery,
        "author": message.author.key,
        "reply_to": message.reply_to,
        "taken_at": at,
        "sent_at": message.sent_at,
        "edited_at": message.edited_at,
        "revision": 1,
        "saved": 0,
        "done": 0,
        "gone": False,
        "pending": True,
        "words": _dump(words),
    }


def revise(connection: Connection, message: Message, words: Carried) -> bool:
    """What was edited no later than what is known is a replay."""
    guard_words(connection, forgetting=False)
    if message.edited_at is None:
        return False
    older = or_(_c.edited_at.is_(None), _c.edited_at < message.edited_at)
    values = {"words": _dump(words), "edited_at": message.edited_at, **AGAIN}
    which = (*_of(message), _c.link.is_not(None), _c.gone.is_(False), older)
    return connection.execute(update(mirror_copies).where(*which).values(values)).rowcount > 0


def waiting_targets(connection: Connection, *, limit: int) -> tuple[str, ...]:
    found = select(_c.target).where(_c.pending).group_by(_c.target).order_by(func.min(_c.seq)).limit(limit)
    return tuple(connection.execute(found).scalars())


def waiting(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(mirror_copies).where(_c.pending)).scalar_one()


def next_copy(connection: Connection, target: str) -> Copy | None:
    row = connection.execute(_NEXT, {"at": target}).mappings().first()
    return None if row is None else _to_copy(row)


def _counterpart(connection: Connection, copy: Copy) -> str | None:
    """The message in the target that stands for the one which is replied to; None where there is none."""
    if copy.reply_to is None:
        return None
    platform, named = copy.source.platform, {"at": copy.source.key, "answered": copy.reply_to}
    original = connection.execute(_COPY_SHOWN, named).first()
    if original is None:
        return _shown_copy(connection, platform, copy.reply_to, copy.target.key)
    if original.source == copy.target.key:
        return str(original.message)
    return _shown_copy(connection, platform, original.message, copy.target.key)


def save(connection: Connection, copy: Copy, delivery: Delivery, *, at: datetime) -> Outgoing | None:
    guard_words(connection, forgetting=False)
    row = connection.execute(_HELD, {"copy": copy.seq}).first()
    if row is None or row.revision != copy.revision or row.saved > row.done:
        return None
    blank = not (delivery.text or delivery.lead)
    if row.gone and not blank:
        return None
    over = (blank and not row.saved) or bool(row.saved and row.stands is None)
    connection.execute(_SAVED, {"copy": copy.seq, "now": copy.revision, "over": over})
    if over:  # nothing of it was shown, or nobody knows any more where
        return None
    delivery = replace(delivery, reply_to=_counterpart(connection, copy))
    save_delivery(connection, delivery, DeliveryState.READY, at=at)
    connection.execute(_TRANSIENT, {"delivery": delivery.id})
    shown_now, begun = delivery_codec.load_shown(row.shown), row.created_at or at
    return Outgoing(delivery=delivery, state=DeliveryState.READY, shown=shown_now, created_at=begun)


def settle(connection: Connection, copy: Copy, *, revision: int) -> DeliveryState | None:
    found = connection.execute(_STATE, {"delivery": copy.delivery}).scalar()
    state = None if found is None else DeliveryState(found)
    if state not in (DeliveryState.OPEN, DeliveryState.READY):
        connection.execute(_SETTLED, {"copy": copy.seq, "now": revision})
    return state


def drop(connection: Connection, copy: Copy) -> None:
    values = {"done": copy.revision, "pending": False, "words": None}
    which = (_c.seq == copy.seq, _c.revision == copy.revision, _c.saved <= _c.done)
    connection.execute(update(mirror_copies).where(*which).values(values))


def recent(
    connection: Connection, platform: str, *, since: datetime, limit: int, known: Collection[str]
) -> Sequence[Recent]:
    """Messages that have copies and are not among the `known`."""
    last = (
        select(_c.message, _c.source, _c.guild, _c.edited_at)
        .where(_c.platform == platform, _c.sent_at >= since, _c.gone.is_(False))
        .order_by(_c.seq.desc())
        .limit(limit)
    )
    found: dict[str, Recent] = {}
    for row in connection.execute(last):
        if row.message not in known:
            place = _place(row.source, row.guild)
            found[row.message] = Recent(place=place, message=row.message, edited_at=row.edited_at)
    return list(found.values())


def words_at(connection: Connection, place: Place, message: str) -> str | None:
    which = (messages.c.platform == place.platform, messages.c.id == message, messages.c.place == place.key)
    kept = (messages.c.body.is_not(None), messages.c.transient.is_(False), *SAID_TO_ALL, OF_WHO_ALLOWS_IT)
    body = connection.execute(select(messages.c.body).where(*which, *kept)).scalar()
    return None if body is None else codec.words_of(body)


def _of(message: Message) -> tuple[ColumnElement[bool], ...]:
    return (_c.platform == message.place.platform, _c.message == message.id)


def _shown_copy(connection: Connection, platform: str, message: str, target: str) -> str | None:
    text = connection.execute(_COPY_OF, {"of": platform, "original": message, "at": target}).scalar()
    standing = delivery_codec.load_shown(text).messages if text else ()
    return next((each.id for each in standing if not each.gone), None)


def _to_copy(row: RowMapping) -> Copy:
    return Copy(
        seq=row["seq"],
        link=row["link"] or "",
        message=row["message"],
        source=_place(row["source"], row["guild"]),
        target=_place(row["target"], row["guild"]) if row["place_id"] is None else to_place(row),
        taken_at=row["taken_at"],
        revision=row["revision"],
        saved=row["saved"],
        done=row["done"],
        gone=row["gone"],
        reply_to=row["reply_to"],
        words=None if row["words"] is None else _load(row["words"]),
    )


def _place(key: str, guild: str | None) -> Place:
    platform, _, place = key.partition(":")
    return Place(platform=platform, id=place, guild=guild)


def _dump(words: Carried) -> str:
    return codec.dump([words.name, words.text, list(words.files)])


def _load(text: str) -> Carried:
    name, words, files = json.loads(text)
    return Carried(name=name, text=words, files=tuple(files))

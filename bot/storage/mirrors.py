"""Copies of messages in other channels: which are to be shown, how far each is, and how they go."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, delete, func, null, or_, select, update

from bot.storage import codec, delivery_codec
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.outbox import outgoing, save_delivery, state_of, to_outgoing
from bot.storage.places import has_opted_out, insert
from bot.storage.tables import deliveries, messages, mirror_copies, shown
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Message, Place
from bot.talk.mirror import Carried, Copy, Link
from bot.talk.record import Outgoing, Recent

FOLLOWED = timedelta(days=30)
"""So long what happens to a message happens to its copies."""

_c = mirror_copies.c
_NEXT = (case((_c.saved > _c.done, 0), (_c.gone, 1), else_=2), _c.seq)
_AGAIN: dict[str, Any] = {"revision": _c.revision + 1, "pending": True}


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
    values = {"words": _dump(words), "edited_at": message.edited_at, **_AGAIN}
    which = (*_of(message), _c.link.is_not(None), _c.gone.is_(False), older)
    return connection.execute(update(mirror_copies).where(*which).values(values)).rowcount > 0


def waiting_targets(connection: Connection, *, limit: int) -> tuple[str, ...]:
    found = select(_c.target).where(_c.pending).group_by(_c.target).order_by(func.min(_c.seq)).limit(limit)
    return tuple(connection.execute(found).scalars())


def waiting(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(mirror_copies).where(_c.pending)).scalar_one()


def next_copy(connection: Connection, target: str) -> Copy | None:
    found = select(mirror_copies).where(_c.target == target, _c.pending).order_by(*_NEXT).limit(1)
    row = connection.execute(found).mappings().first()
    return None if row is None else _to_copy(row)


def _counterpart(connection: Connection, copy: Copy) -> str | None:
    """The message in the target that stands for the one which is replied to; None where there is none."""
    if copy.reply_to is None:
        return None
    platform = copy.source.platform
    here = select(shown.c.delivery).where(shown.c.place == copy.source.key, shown.c.message == copy.reply_to)
    original = connection.execute(select(_c.message, _c.source).where(_c.delivery.in_(here))).first()
    if original is None:
        return _shown_copy(connection, platform, copy.reply_to, copy.target.key)
    if original.source == copy.target.key:
        return str(original.message)
    return _shown_copy(connection, platform, original.message, copy.target.key)


def save(connection: Connection, copy: Copy, delivery: Delivery, *, at: datetime) -> Outgoing | None:
    guard_words(connection, forgetting=False)
    row = connection.execute(select(mirror_copies).where(_c.seq == copy.seq).with_for_update()).mappings().first()
    if row is None or row["revision"] != copy.revision or row["saved"] > row["done"]:
        return None
    blank = not (delivery.text or delivery.lead)
    if row["gone"] and not blank:
        return None
    stands = connection.execute(select(deliveries.c.id).where(deliveries.c.id == delivery.id)).first() is not None
    over = (blank and not row["saved"]) or bool(row["saved"] and not stands)
    done = {"done": copy.revision, "pending": False} if over else {}
    now = {"saved": copy.revision, "words": None, **done}
    connection.execute(update(mirror_copies).where(_c.seq == copy.seq).values(now))
    if over:  # nothing of it was shown, or nobody knows any more where
        return None
    delivery = replace(delivery, reply_to=_counterpart(connection, copy))
    save_delivery(connection, delivery, DeliveryState.READY, at=at)
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(transient=True))
    return to_outgoing(connection.execute(outgoing().where(deliveries.c.id == delivery.id)).mappings().one())


def settle(connection: Connection, copy: Copy, *, revision: int) -> DeliveryState | None:
    state = state_of(connection, copy.delivery)
    if state in (DeliveryState.OPEN, DeliveryState.READY):
        return state
    values = {"done": revision, "pending": _c.revision > revision}
    connection.execute(update(mirror_copies).where(_c.seq == copy.seq, _c.done < revision).values(values))
    return state


def drop(connection: Connection, copy: Copy) -> None:
    values = {"done": copy.revision, "pending": False, "words": None}
    which = (_c.seq == copy.seq, _c.revision == copy.revision, _c.saved <= _c.done)
    connection.execute(update(mirror_copies).where(*which).values(values))


def unlink(connection: Connection, links: Collection[str]) -> None:
    """What waits is not shown any more; what was shown goes with its message."""
    for batch in batches(links):
        connection.execute(delete(mirror_copies).where(_c.link.in_(batch), _c.saved == 0))
        edits = and_(_c.gone.is_(False), _c.revision > _c.saved)
        revision = case((edits, _c.saved), else_=_c.revision)
        over = {"link": None, "words": None, "revision": revision}
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
        _take_away(connection, _c.source.in_(batch))


def _take_away(connection: Connection, which: ColumnElement[bool]) -> None:
    """What the outbox is at is taken away when it is over: where it may have been sent, it has to be found first."""
    values = {**_AGAIN, "gone": True, "author": null(), "words": null(), "reply_to": null()}
    connection.execute(update(mirror_copies).where(which, _c.gone.is_(False)).values(values))


def recall(connection: Connection) -> None:
    """Before anything is sent: what an earlier process had not begun to send of what is gone is not sent."""
    under_way = select(_c.delivery).where(_c.gone, _c.pending, _c.saved > _c.done)
    unsent = (deliveries.c.id.in_(under_way), deliveries.c.shown.is_(None))
    connection.execute(update(deliveries).where(*unsent).values(text="", lead=""))


def drop_old(connection: Connection, *, now: datetime) -> None:
    connection.execute(delete(mirror_copies).where(_c.taken_at < now - FOLLOWED, _c.pending.is_(False)))


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
    which = (_c.platform == platform, _c.message == message, _c.target == target)
    text = connection.execute(
        select(deliveries.c.shown).join(mirror_copies, _c.delivery == deliveries.c.id).where(*which)
    ).scalar()
    standing = delivery_codec.load_shown(text).messages if text else ()
    return next((each.id for each in standing if not each.gone), None)


def _to_copy(row: RowMapping) -> Copy:
    return Copy(
        seq=row["seq"],
        link=row["link"] or "",
        message=row["message"],
        source=_place(row["source"], row["guild"]),
        target=_place(row["target"], row["guild"]),
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

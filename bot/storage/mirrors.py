"""Copies of messages in other channels: which are to be shown, how far each is, and how they go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.storage import codec, delivery_codec
from bot.storage.connection import guard_words
from bot.storage.mirror_counterparts import answered
from bot.storage.mirror_rows import COPIES, copy_row, dump_words, is_blank, place_at, to_copy
from bot.storage.mirror_shapes import note_opening, note_sent
from bot.storage.mirror_ways import could_not_begin, note_opened
from bot.storage.outbox import save_delivery
from bot.storage.places import has_opted_out, insert, place_columns, save_place, to_place
from bot.storage.tables import deliveries, messages, mirror_copies, places
from bot.storage.transcript import OF_WHO_ALLOWS_IT, SAID_TO_ALL
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Conversation, Message, Place
from bot.talk.mirror import HEAD, Carried, Copy, Link, Unseen
from bot.talk.record import Outgoing, Recent

_c = mirror_copies.c
AGAIN: dict[str, Any] = {"revision": _c.revision + 1, "pending": True}
"""It is to be shown anew."""

# Made once: building a statement costs more than running it.
_NEXT = (
    COPIES.where(_c.target == bindparam("at"), _c.pending)
    .order_by(
        case((_c.saved > _c.done, 0), (_c.gone, 1), else_=2),
        # An edit when its time has come: who edits without end holds up nobody.
        case((_c.done > 0, func.coalesce(_c.edited_at, _c.sent_at)), else_=_c.sent_at),
        _c.seq,
    )
    .limit(1)
)
_FULL = (
    select(_c.target)
    .where(_c.link == bindparam("which"), _c.pending)
    .group_by(_c.target)
    .having(func.count() >= bindparam("most"))
)
_HELD = (
    select(
        _c.revision,
        _c.saved,
        _c.done,
        _c.gone,
        _c.words,
        deliveries.c.id.label("stands"),
        deliveries.c.shown,
        deliveries.c.created_at,
        *place_columns(),
    )
    .outerjoin(deliveries, deliveries.c.id == _c.delivery)
    .outerjoin(places, places.c.key == deliveries.c.place)
    .where(_c.seq == bindparam("copy"))
    .with_for_update(of=mirror_copies)
)
_SAVED = (
    update(mirror_copies)
    .where(_c.seq == bindparam("copy"))
    .values(
        saved=bindparam("now"),
        words=case((bindparam("over"), None), else_=_c.words),
        done=case((bindparam("over"), bindparam("now")), else_=_c.done),
        pending=case((bindparam("over"), False), else_=True),
    )
)
_TRANSIENT = update(deliveries).where(deliveries.c.id == bindparam("delivery")).values(transient=True)
_STATE = select(deliveries.c.state, deliveries.c.shown).where(deliveries.c.id == bindparam("delivery"))
_SETTLED = (
    update(mirror_copies)
    .where(_c.seq == bindparam("copy"), _c.done < bindparam("now"))
    .values(
        done=bindparam("now"),
        pending=_c.revision > bindparam("now"),
        words=case((_c.revision > bindparam("now"), _c.words), else_=None),
    )
)
_TAKEN_BACK = (
    update(mirror_copies)
    .where(_c.seq == bindparam("copy"), _c.words.is_not(None), _c.gone.is_(False))
    .values(saved=_c.done)
)


def take(
    connection: Connection, link: Link, message: Message, words: Carried, *, most: int, at: datetime
) -> frozenset[str]:
    guard_words(connection, forgetting=False)
    known = connection.execute(select(_c.target).where(*_of(message))).scalars().all()
    if known:
        revise(connection, message, words)
    channel = message.place.channel or message.place
    targets = [side.place for side in link.others(channel.key) if side.place.key not in known]
    if not targets or has_opted_out(connection, message.author.key):
        return frozenset()
    full = set(connection.execute(_FULL, {"which": link.id, "most": most}).scalars())
    copy = Copy(
        seq=0,
        link=link.id,
        message=message.id,
        source=message.place,
        target=message.place,
        taken_at=at,
        revision=1,
        reply_to=message.reply_to,
        within=message.place.channel,
    )
    if copy.within is not None:
        save_place(connection, message.place)  # its title, for its counterparts
    rows = [
        copy_row(
            replace(copy, target=target),
            words,
            author=message.author.key,
            sent_at=message.sent_at,
            edited_at=message.edited_at,
        )
        for target in targets
        if target.key not in full
    ]
    if rows:
        connection.execute(insert(connection, mirror_copies).on_conflict_do_nothing(), rows)
    return frozenset(target.key for target in targets) & full


def revise(connection: Connection, message: Message, words: Carried) -> bool:
    """What was edited no later than what is known is a replay."""
    guard_words(connection, forgetting=False)
    if message.edited_at is None:
        return False
    older = or_(_c.edited_at.is_(None), _c.edited_at < message.edited_at)
    values = {"words": dump_words(words), "edited_at": message.edited_at, **AGAIN}
    which = (*_of(message), _c.link.is_not(None), _c.gone.is_(False), older)
    if not connection.execute(update(mirror_copies).where(*which).values(values)).rowcount:
        return False
    unsay(connection, *_of(message))
    return True


def unsay(connection: Connection, *which: ColumnElement[bool]) -> None:
    """What waits in the outbox of these, and was certainly not sent, is not shown as it is there. What may have been
    sent has to be found first, by its words."""
    under_way = select(_c.delivery).where(*which, _c.pending, _c.saved > _c.done)
    waits = (deliveries.c.state == DeliveryState.READY.value, deliveries.c.shown.is_(None))
    connection.execute(update(deliveries).where(deliveries.c.id.in_(under_way), *waits).values(text="", lead=""))


def waiting_targets(connection: Connection, *, limit: int) -> tuple[str, ...]:
    found = select(_c.target).where(_c.pending).group_by(_c.target).order_by(func.min(_c.seq)).limit(limit)
    return tuple(connection.execute(found).scalars())


def waiting(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(mirror_copies).where(_c.pending)).scalar_one()


def next_copy(connection: Connection, target: str) -> Copy | None:
    row = connection.execute(_NEXT, {"at": target}).mappings().first()
    return None if row is None else to_copy(row)


def save(connection: Connection, copy: Copy, delivery: Delivery, *, at: datetime) -> Outgoing | None:
    guard_words(connection, forgetting=False)
    row = connection.execute(_HELD, {"copy": copy.seq}).mappings().first()
    if row is None or row["revision"] != copy.revision or row["saved"] > row["done"]:
        return None
    blank = not (delivery.text or delivery.lead)
    if row["gone"] and not blank:
        return None
    over = (blank and not row["saved"]) or bool(row["saved"] and row["stands"] is None)
    connection.execute(_SAVED, {"copy": copy.seq, "now": copy.revision, "over": over})
    if over:  # nothing of it was shown, or nobody knows any more where
        return None
    delivery = replace(delivery, reply_to=answered(connection, copy))
    if row["stands"] is not None:  # wherever it is known to stand
        delivery = replace(delivery, conversation=Conversation(place=to_place(row)))
    if copy.within is not None and delivery.opens:
        note_opening(connection, copy, delivery)
    elif copy.within is not None and not blank:
        note_sent(connection, copy, delivery.conversation.place.key, at=at)
    save_delivery(connection, delivery, DeliveryState.READY, at=at)
    connection.execute(_TRANSIENT, {"delivery": delivery.id})
    shown_now, begun = delivery_codec.load_shown(row["shown"]), row["created_at"] or at
    return Outgoing(delivery=delivery, state=DeliveryState.READY, shown=shown_now, created_at=begun)


def settle(
    connection: Connection, copy: Copy, *, revision: int, given_up: bool, at: datetime
) -> DeliveryState | Unseen | None:
    found = connection.execute(_STATE, {"delivery": copy.delivery}).first()
    state = None if found is None else DeliveryState(found.state)
    if state is DeliveryState.BARRED and not given_up:
        return state
    refused = state in (DeliveryState.FAILED, DeliveryState.BARRED) and could_not_begin(connection, copy)
    if refused and connection.execute(_TAKEN_BACK, {"copy": copy.seq}).rowcount:
        connection.execute(delete(deliveries).where(deliveries.c.id == copy.delivery))
        return None
    nothing = found is not None and not delivery_codec.load_shown(found.shown).messages
    if state is DeliveryState.SENT and nothing and _hide(connection, copy, revision):
        return Unseen.HIDDEN
    if state is DeliveryState.READY:
        unsay(connection, _c.seq == copy.seq, or_(_c.gone, _c.link.is_(None), _c.revision > _c.saved))
    if state not in (DeliveryState.OPEN, DeliveryState.READY):
        connection.execute(_SETTLED, {"copy": copy.seq, "now": revision})
        if state is DeliveryState.SENT:
            note_opened(connection, copy, at=at)
    return state


def _hide(connection: Connection, copy: Copy, revision: int) -> bool:
    """Nothing stands of it: whether there were words. Then it is gone, and an edit does not bring it back. What only
    stands where a thread begins is made anew with the next message."""
    row = connection.execute(_HELD, {"copy": copy.seq}).mappings().first()
    if row is None or row["gone"] or row["revision"] != revision or is_blank(row["words"]):
        return False
    if copy.heads:
        connection.execute(delete(mirror_copies).where(_c.seq == copy.seq))
        connection.execute(delete(deliveries).where(deliveries.c.id == copy.delivery))
        return True
    values = {"gone": True, "words": None, "done": revision, "pending": False}
    connection.execute(update(mirror_copies).where(_c.seq == copy.seq).values(values))
    return True


def take_back(connection: Connection, copy: Copy) -> None:
    """Where something of it may stand, that is looked for, and it goes nowhere else."""
    barred = (deliveries.c.id == copy.delivery, deliveries.c.state == DeliveryState.BARRED.value)
    connection.execute(delete(deliveries).where(*barred, deliveries.c.shown.is_(None)))
    connection.execute(update(mirror_copies).where(_c.seq == copy.seq, _c.saved > _c.done).values(saved=_c.done))


def drop(connection: Connection, copy: Copy) -> None:
    values = {"done": copy.revision, "pending": False, "words": None}
    which = (_c.seq == copy.seq, _c.revision == copy.revision, _c.saved <= _c.done)
    connection.execute(update(mirror_copies).where(*which).values(values))


def recent(
    connection: Connection, platform: str, *, since: datetime, limit: int, known: Collection[str]
) -> Sequence[Recent]:
    """Messages that have copies and are not among the `known`."""
    last = (
        select(_c.message, _c.source, _c.guild, _c.edited_at, _c.within)
        .where(_c.platform == platform, _c.sent_at >= since, _c.gone.is_(False), ~_c.message.startswith(HEAD))
        .order_by(_c.seq.desc())
        .limit(limit)
    )
    found: dict[str, Recent] = {}
    for row in connection.execute(last):
        if row.message not in known:
            place = place_at(row.source, row.guild, row.within)
            found[row.message] = Recent(place=place, message=row.message, edited_at=row.edited_at)
    return list(found.values())


def words_at(connection: Connection, place: Place, message: str) -> str | None:
    which = (messages.c.platform == place.platform, messages.c.id == message, messages.c.place == place.key)
    kept = (messages.c.body.is_not(None), messages.c.transient.is_(False), *SAID_TO_ALL, OF_WHO_ALLOWS_IT)
    body = connection.execute(select(messages.c.body).where(*which, *kept)).scalar()
    return None if body is None else codec.words_of(body)


def _of(message: Message) -> tuple[ColumnElement[bool], ...]:
    return (_c.platform == message.place.platform, _c.message == message.id)

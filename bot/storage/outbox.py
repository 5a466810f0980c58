"""The outbox: what leaves, how far it came, and which messages of ours show it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from bot.storage import delivery_codec
from bot.storage.batches import batches
from bot.storage.outbox_ready import OVER, content
from bot.storage.places import insert, place_columns, save_place, to_place
from bot.storage.tables import deliveries, places, shown, turns
from bot.storage.withdrawing import as_of_now, note_sources
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.message import Conversation, Place
from bot.talk.record import Outgoing
from bot.talk.turn import TurnState

_WORDLESS: dict[str, Any] = {"text": "", "lead": "", "actions": None, "poll": None, "told": None}

_TURN_IS_OPEN = exists().where(turns.c.id == deliveries.c.turn, turns.c.state == TurnState.OPEN.value)


def outgoing() -> Select[*tuple[Any, ...]]:
    kept = (
        deliveries.c[name]
        for name in (
            "id",
            "only",
            "turn",
            "state",
            "text",
            "reply_to",
            "handle",
            "actions",
            "lead",
            "final",
            "shown",
            "created_at",
            "poll",
            "told",
            "quiet",
        )
    )
    return select(*kept, *place_columns()).join(places, places.c.key == deliveries.c.place)


def to_outgoing(row: RowMapping) -> Outgoing:
    return Outgoing(
        delivery=Delivery(
            id=row["id"],
            conversation=Conversation(place=to_place(row), only=row["only"]),
            text=row["text"],
            reply_to=row["reply_to"],
            handle=row["handle"],
            actions=delivery_codec.load_actions(row["actions"]),
            final=row["final"],
            lead=row["lead"],
            poll=delivery_codec.load_poll(row["poll"]),
            told=delivery_codec.load_told(row["told"]),
            quiet=row["quiet"],
        ),
        state=DeliveryState(row["state"]),
        shown=delivery_codec.load_shown(row["shown"]),
        created_at=row["created_at"],
        turn=row["turn"],
    )


def save_delivery(connection: Connection, delivery: Delivery, state: DeliveryState, *, at: datetime) -> None:
    """An early view never overwrites the text that a turn was closed with."""
    delivery = as_of_now(connection, delivery)
    save_place(connection, delivery.conversation.place)
    columns = content(delivery, state)
    new = insert(connection, deliveries).values(
        id=delivery.id,
        place=delivery.conversation.place.key,
        only=delivery.conversation.only,
        created_at=at,
        **columns,
    )
    allowed: ColumnElement[bool] | None = None
    if state is DeliveryState.OPEN:
        allowed = or_(and_(deliveries.c.turn.is_(None), deliveries.c.transient.is_(False)), _TURN_IS_OPEN)
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=columns, where=allowed))
    note_sources(connection, [delivery])
    if state in OVER:
        _erase_if_over(connection, delivery.id)


def close_delivery(connection: Connection, turn: str, delivery: Delivery, *, transient: bool) -> None:
    """The final text of a turn's delivery, READY to be shown; nothing if it was closed before."""
    values = content(delivery, DeliveryState.READY)
    if transient:
        values["transient"] = True
    connection.execute(
        update(deliveries)
        .where(deliveries.c.turn == turn, deliveries.c.state == DeliveryState.OPEN.value)
        .values(values)
    )


def erase_deliveries(connection: Connection, which: ColumnElement[bool]) -> None:
    """Their text goes. What was about to be sent is not sent, and what may stand there of it is OPEN with nobody to go
    on with it, so that it is taken away. What is still being written is erased once shown.
    """
    ready = deliveries.c.state == DeliveryState.READY.value
    begun = and_(ready, deliveries.c.shown.is_not(None))
    opened = deliveries.c.state == DeliveryState.OPEN.value
    connection.execute(
        update(deliveries)
        .where(which)
        .values(
            state=case(
                (begun, DeliveryState.OPEN.value), (ready, DeliveryState.FAILED.value), else_=deliveries.c.state
            ),
            handle=case((or_(opened, begun), deliveries.c.handle), else_=null()),
            transient=True,
            **_WORDLESS,
        )
    )


def save_actions(connection: Connection, turn: str, actions: tuple[Action, ...], *, kind: str) -> Outgoing | None:
    shown_whole = (deliveries.c.turn == turn, deliveries.c.state == DeliveryState.SENT.value)
    return change_actions(
        connection,
        *shown_whole,
        change=lambda before: (*(each for each in before if each.id.partition(":")[0] != kind), *actions),
    )


def change_actions(
    connection: Connection, *which: ColumnElement[bool], change: Callable[[tuple[Action, ...]], tuple[Action, ...]]
) -> Outgoing | None:
    """The delivery with other buttons, READY again; None where they stay the same, or its words went."""
    kept = (*which, deliveries.c.transient.is_(False), deliveries.c.text != "")
    row = connection.execute(
        select(deliveries.c.id, deliveries.c.actions).where(*kept).with_for_update(of=deliveries)
    ).first()
    if row is None:
        return None
    before = delivery_codec.load_actions(row.actions)
    after = change(before)
    if after == before:
        return None
    now = {"actions": delivery_codec.dump_actions(after), "state": DeliveryState.READY.value}
    connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(now))
    return to_outgoing(connection.execute(outgoing().where(deliveries.c.id == row.id)).mappings().one())


def save_shown(
    connection: Connection, delivery_id: str, now: Shown, state: DeliveryState | None, *, at: datetime
) -> None:
    row = connection.execute(
        select(deliveries.c.place, deliveries.c.shown, deliveries.c.changed)
        .where(deliveries.c.id == delivery_id)
        .with_for_update()
    ).first()
    if row is None:
        return
    changed = bool(row.changed) and state is DeliveryState.SENT
    if changed:  # words of it went while it was being sent: it is to be shown once more
        state = DeliveryState.READY
    before = delivery_codec.load_shown(row.shown)
    values: dict[str, Any] = {"shown": delivery_codec.dump_shown(_with_gone(now, before))}
    if changed:
        values["changed"] = False
    if changed or state is DeliveryState.SENT:
        values["sent_at"] = func.coalesce(deliveries.c.sent_at, literal(at, deliveries.c.sent_at.type))
    if state is not None:
        values["state"] = state.value
    if state in OVER:
        values["handle"] = None
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))
    _index_shown(connection, delivery_id, row.place, {one.id for one in before.messages}, now)
    if state in OVER:
        _erase_if_over(connection, delivery_id)


def _with_gone(now: Shown, before: Shown) -> Shown:
    """Whoever saves may not have heard yet that somebody deleted a message."""
    gone = {one.id for one in before.messages if one.gone}
    if not gone:
        return now
    return replace(now, messages=tuple(replace(one, gone=one.gone or one.id in gone) for one in now.messages))


def mark_gone(connection: Connection, place: Place, ids: Collection[str]) -> None:
    """Those of these messages that are ours were deleted by somebody. Our own deletions do no harm here."""
    for batch in batches(ids):
        rows = connection.execute(
            select(deliveries.c.id, deliveries.c.shown)
            .join(shown, shown.c.delivery == deliveries.c.id)
            .where(shown.c.place == place.key, shown.c.message.in_(batch))
            .with_for_update(of=deliveries)
        )
        for delivery_id, text in {row.id: row.shown for row in rows}.items():
            now = delivery_codec.load_shown(text)
            marked = tuple(replace(one, gone=one.gone or one.id in batch) for one in now.messages)
            values = {"shown": delivery_codec.dump_shown(replace(now, messages=marked))}
            connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def claimed(connection: Connection, place: Place | None, ids: Collection[str]) -> Mapping[str, str]:
    """Of these messages those that show a delivery, with its id. `place` None: wherever they stand."""
    found: dict[str, str] = {}
    for batch in batches(ids):
        here = [] if place is None else [shown.c.place == place.key]
        rows = connection.execute(select(shown.c.message, shown.c.delivery).where(shown.c.message.in_(batch), *here))
        found.update({row.message: row.delivery for row in rows})
    return found


def _index_shown(connection: Connection, delivery_id: str, place: str, before: set[str], now: Shown) -> None:
    after = {one.id for one in now.messages}
    gone = before - after
    if gone:
        connection.execute(shown.delete().where(shown.c.delivery == delivery_id, shown.c.message.in_(sorted(gone))))
    for message in sorted(after - before):
        new = insert(connection, shown).values(place=place, message=message, delivery=delivery_id)
        connection.execute(
            new.on_conflict_do_update(index_elements=["place", "message"], set_={"delivery": new.excluded.delivery})
        )


def _erase_if_over(connection: Connection, delivery_id: str) -> None:
    over = deliveries.c.state.in_([state.value for state in OVER])
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.transient.is_(True), over)
        .values(**_WORDLESS)
    )


def _undelivered() -> ColumnElement[bool]:
    orphaned = and_(deliveries.c.state == DeliveryState.OPEN.value, ~_TURN_IS_OPEN)
    return or_(deliveries.c.state == DeliveryState.READY.value, orphaned)


def undelivered(connection: Connection, ids: Collection[str] | None) -> tuple[Outgoing, ...]:
    which = [_undelivered()] if ids is None else [_undelivered(), deliveries.c.id.in_(list(ids))]
    rows = connection.execute(outgoing().where(*which).order_by(deliveries.c.created_at, deliveries.c.id))
    return tuple(to_outgoing(row) for row in rows.mappings())


def backlog(connection: Connection, *, limit: int) -> tuple[str, ...]:
    oldest = select(deliveries.c.id).where(_undelivered()).order_by(deliveries.c.created_at, deliveries.c.id)
    return tuple(connection.execute(oldest.limit(limit)).scalars())


def unknown(connection: Connection, *, limit: int) -> tuple[Outgoing, ...]:
    which = deliveries.c.state == DeliveryState.UNKNOWN.value
    rows = connection.execute(outgoing().where(which).order_by(deliveries.c.created_at.desc()).limit(limit))
    return tuple(to_outgoing(row) for row in rows.mappings())


def state_of(connection: Connection, delivery_id: str) -> DeliveryState | None:
    state = connection.execute(select(deliveries.c.state).where(deliveries.c.id == delivery_id)).scalar()
    return None if state is None else DeliveryState(state)


def shown_by(connection: Connection, place: Place, message_id: str) -> Outgoing | None:
    row = connection.execute(
        outgoing()
        .join(shown, shown.c.delivery == deliveries.c.id)
        .where(shown.c.place == place.key, shown.c.message == message_id)
    )
    found = row.mappings().first()
    return None if found is None else to_outgoing(found)


def of_turns(ids: Iterable[str]) -> ColumnElement[bool]:
    return deliveries.c.turn.in_(list(ids))

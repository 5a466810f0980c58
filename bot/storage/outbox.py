"""The outbox: what leaves, how far it came, and which messages of ours show it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    null,
    or_,
    select,
    update,
)

from bot.storage import delivery_codec
from bot.storage.outbox_ready import CONTENT, OVER, content
from bot.storage.outbox_shown import WORDLESS, erase_if_over
from bot.storage.places import DIALECTS, place_columns, save_place, to_place, upsert
from bot.storage.tables import deliveries, places, shown, turns
from bot.storage.withdrawing import as_of_now, note_sources
from bot.talk.delivery import Action, Delivery, DeliveryState
from bot.talk.message import Conversation, Place
from bot.talk.record import Outgoing
from bot.talk.turn import TurnState

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
            "opens",
            "tags",
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
            opens=row["opens"] or "",
            tags=None if row["tags"] is None else tuple(json.loads(row["tags"])),
        ),
        state=DeliveryState(row["state"]),
        shown=delivery_codec.load_shown(row["shown"]),
        created_at=row["created_at"],
        turn=row["turn"],
    )


def _saving(dialect: str, *, opened: bool) -> Any:
    new = upsert(dialect, deliveries)
    fresh = {name: new.excluded[name] for name in CONTENT}
    allowed: ColumnElement[bool] | None = None
    if opened:
        allowed = or_(and_(deliveries.c.turn.is_(None), deliveries.c.transient.is_(False)), _TURN_IS_OPEN)
    return new.on_conflict_do_update(index_elements=["id"], set_=fresh, where=allowed)


def _undelivered() -> ColumnElement[bool]:
    orphaned = and_(deliveries.c.state == DeliveryState.OPEN.value, ~_TURN_IS_OPEN)
    return or_(deliveries.c.state == DeliveryState.READY.value, orphaned)


# Made once: building a statement costs more than running it.
_SAVING = {(dialect, opened): _saving(dialect, opened=opened) for dialect in DIALECTS for opened in (True, False)}
_UNDELIVERED = outgoing().where(_undelivered()).order_by(deliveries.c.created_at, deliveries.c.id)
_UNDELIVERED_OF = _UNDELIVERED.where(deliveries.c.id.in_(bindparam("ids", expanding=True)))


def save_delivery(connection: Connection, delivery: Delivery, state: DeliveryState, *, at: datetime) -> None:
    """An early view never overwrites the text that a turn was closed with."""
    delivery = as_of_now(connection, delivery)
    save_place(connection, delivery.conversation.place)
    place = delivery.conversation.place.key
    row = {"id": delivery.id, "place": place, "only": delivery.conversation.only, "created_at": at}
    saving = _SAVING[connection.dialect.name, state is DeliveryState.OPEN]
    connection.execute(saving, {**row, **content(delivery, state)})
    note_sources(connection, [delivery])
    if state in OVER:
        erase_if_over(connection, delivery.id)


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
            **WORDLESS,
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


def undelivered(connection: Connection, ids: Collection[str] | None) -> tuple[Outgoing, ...]:
    asked = (_UNDELIVERED, {}) if ids is None else (_UNDELIVERED_OF, {"ids": list(ids)})
    rows = connection.execute(*asked)
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

"""Questions without a finished turn: which are still worth an answer, and which are owed a word that it is too late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from bot.storage import mirrors
from bot.storage.conversations import conversation_id
from bot.storage.outbox import outgoing, save_delivery, to_outgoing
from bot.storage.places import insert, place_columns, to_place
from bot.storage.tables import deliveries, messages, places, turns
from bot.storage.transcript import SAID_TO_ALL, message_columns, settle, to_message
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Conversation, Message, Place
from bot.talk.record import Outgoing, Recent
from bot.talk.turn import TurnState


def waiting(connection: Connection, *, since: datetime) -> tuple[Message, ...]:
    return _pending(connection, _worth_answering(since))


def late(connection: Connection, *, before: datetime) -> tuple[Message, ...]:
    return _pending(connection, ~_worth_answering(before))


def _pending(connection: Connection, which: ColumnElement[bool]) -> tuple[Message, ...]:
    rows = connection.execute(
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .where(messages.c.pending.is_(True), which, messages.c.body.is_not(None))
        .order_by(messages.c.sent_at, messages.c.seq)
    )
    return tuple(to_message(row) for row in rows.mappings())


def _worth_answering(since: datetime) -> ColumnElement[bool]:
    """Recorded since, or asked to be answered anew since: by one clock, ours, whatever it shows."""
    again = turns.alias()
    anew = exists().where(
        again.c.message == messages.c.seq,
        again.c.state == TurnState.OPEN.value,
        again.c.round > 0,
        again.c.opened_at >= since,
    )
    return or_(messages.c.recorded_at >= since, anew)


def close_late(
    connection: Connection, place: Place, ids: Sequence[str], notice: Delivery, *, at: datetime
) -> tuple[Outgoing, ...]:
    """Ends them without an answer; the notice, READY, and whatever still stands half written of their answers."""
    found = connection.execute(
        select(*message_columns(), messages.c.transient, turns.c.id.label("turn"))
        .join(places, places.c.key == messages.c.place)
        .outerjoin(turns, and_(turns.c.message == messages.c.seq, turns.c.state == TurnState.OPEN.value))
        .where(messages.c.platform == place.platform, messages.c.id.in_(ids), messages.c.pending.is_(True))
    )
    rows = found.mappings().all()
    if not rows:
        return ()
    for row in rows:
        if row["turn"] is None:
            connection.execute(
                insert(connection, turns)
                .values(
                    id=uuid4().hex,
                    conversation=conversation_id(connection, Conversation(place=to_place(row), only=row["only"])),
                    message=row["seq"],
                    state=TurnState.FAILED.value,
                    attempts=0,
                    opened_at=at,
                    closed_at=at,
                )
                .on_conflict_do_nothing(index_elements=["message", "conversation", "round"])
            )
        else:
            connection.execute(
                update(turns).where(turns.c.id == row["turn"]).values(state=TurnState.FAILED.value, closed_at=at)
            )
            if row["transient"]:
                connection.execute(update(deliveries).where(deliveries.c.turn == row["turn"]).values(transient=True))
        settle(connection, row["seq"], erase=row["transient"])
    save_delivery(connection, notice, DeliveryState.READY, at=at)
    ended = [row["turn"] for row in rows if row["turn"] is not None]
    left = connection.execute(
        outgoing().where(
            or_(
                deliveries.c.id == notice.id,
                and_(deliveries.c.turn.in_(ended), deliveries.c.state == DeliveryState.OPEN.value),
            )
        )
    )
    return tuple(to_outgoing(row) for row in left.mappings())


def recent(connection: Connection, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]:
    """Of the last `limit` that were recorded at all, so that a long past costs nothing."""
    last = (
        select(messages.c.seq)
        .where(messages.c.platform == platform)
        .order_by(messages.c.seq.desc())
        .limit(limit)
        .subquery()
    )
    rows = connection.execute(
        select(messages.c.id, messages.c.edited_at, messages.c.above, *place_columns())
        .join(places, places.c.key == messages.c.place)
        .where(messages.c.seq.in_(select(last.c.seq)), messages.c.sent_at >= since, messages.c.body.is_not(None))
        .where(*SAID_TO_ALL)
    )
    kept = [
        Recent(place=_where(to_place(row), above=row["above"]), message=row["id"], edited_at=row["edited_at"])
        for row in rows.mappings()
    ]
    ids = {each.message for each in kept}
    return (*kept, *mirrors.recent(connection, platform, since=since, limit=limit, known=ids))


def _where(place: Place, *, above: bool) -> Place:
    """Where people see it."""
    return (place.channel or place) if above else place

"""Questions of several messages, and questions that somebody else has answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, select, update

from bot.storage.outbox import outgoing, to_outgoing
from bot.storage.places import insert, place_columns
from bot.storage.tables import deliveries, messages, places, question_parts, support_answers, turns
from bot.storage.transcript import message_columns, settle, to_message
from bot.talk.delivery import DeliveryState
from bot.talk.message import Addressed, Message, Place
from bot.talk.record import Outgoing
from bot.talk.turn import TurnState


def join(connection: Connection, message: Message, earlier: Collection[str]) -> Collection[str] | None:
    platform = message.place.platform
    head = connection.execute(
        select(messages.c.seq).where(
            messages.c.platform == platform, messages.c.id == message.id, messages.c.pending.is_(True)
        )
    ).scalar()
    if head is None:
        return None
    found = connection.execute(
        select(messages.c.seq, messages.c.id)
        .where(
            messages.c.platform == platform,
            messages.c.id.in_(list(earlier)),
            messages.c.place == message.place.key,
            messages.c.pending.is_(True),
            messages.c.seq != head,
            ~exists().where(turns.c.message == messages.c.seq),
        )
        .with_for_update(of=messages)
    ).all()
    for row in found:
        # Parts of a part belong to the whole.
        connection.execute(update(question_parts).where(question_parts.c.head == row.seq).values(head=head))
        connection.execute(insert(connection, question_parts).values(part=row.seq, head=head).on_conflict_do_nothing())
        connection.execute(update(messages).where(messages.c.seq == row.seq).values(pending=False))
        counted = (support_answers.c.platform == platform, support_answers.c.message == row.id)
        connection.execute(delete(support_answers).where(*counted))
    return [row.id for row in found]


def joined(connection: Connection, message: Message) -> Sequence[Message]:
    head = messages.alias()
    rows = connection.execute(
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .join(question_parts, question_parts.c.part == messages.c.seq)
        .join(head, head.c.seq == question_parts.c.head)
        .where(head.c.platform == message.place.platform, head.c.id == message.id, messages.c.body.is_not(None))
        .order_by(messages.c.seq)
    )
    return tuple(to_message(row) for row in rows.mappings())


def wholes(connection: Connection, parts: Collection[int]) -> Sequence[str]:
    """The messages (ids) that these (rows) are parts of."""
    asked = select(messages.c.id).join(question_parts, question_parts.c.head == messages.c.seq)
    return connection.execute(asked.where(question_parts.c.part.in_(parts)).distinct()).scalars().all()


def let_go(
    connection: Connection, place: Place, asker: str, *, besides: Collection[str], at: datetime
) -> Sequence[Outgoing]:
    rows = connection.execute(
        select(messages.c.seq, messages.c.transient, turns.c.id.label("turn"), *place_columns())
        .join(places, places.c.key == messages.c.place)
        .outerjoin(turns, and_(turns.c.message == messages.c.seq, turns.c.state == TurnState.OPEN.value))
        .where(
            messages.c.place == place.key,
            messages.c.author == asker,
            messages.c.pending.is_(True),
            messages.c.addressed == Addressed.SUPPORT.value,
            messages.c.id.not_in(list(besides)),
        )
        .order_by(messages.c.seq)
    ).all()
    ended = [row.turn for row in rows if row.turn is not None]
    for row in rows:
        if row.turn is not None:
            failed = {"state": TurnState.FAILED.value, "closed_at": at}
            connection.execute(update(turns).where(turns.c.id == row.turn).values(**failed))
            if row.transient:
                connection.execute(update(deliveries).where(deliveries.c.turn == row.turn).values(transient=True))
        settle(connection, row.seq, erase=row.transient)
    left = connection.execute(
        outgoing().where(deliveries.c.turn.in_(ended), deliveries.c.state == DeliveryState.OPEN.value)
    )
    return tuple(to_outgoing(row) for row in left.mappings())

"""A question and its answer: opened once, closed once, in one transaction with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select, update

from bot.storage import codec
from bot.storage.blobs import drop_unlinked
from bot.storage.connection import guard_words
from bot.storage.conversations import add_pieces, batches, conversation_id, digests_of
from bot.storage.outbox import close_delivery
from bot.storage.places import DIALECTS, has_opted_out, save_place, upsert
from bot.storage.tables import conversations, deliveries, messages, people, turns
from bot.storage.transcript import settle
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Message
from bot.talk.record import OpenTurn, Usage
from bot.talk.turn import Part, Piece, Question, TurnState

_ASKED = (
    select(messages.c.seq)
    .where(
        messages.c.platform == bindparam("platform"),
        messages.c.id == bindparam("message"),
        messages.c.body.is_not(None),
    )
    .with_for_update()
)
_OPEN = {
    dialect: upsert(dialect, turns)
    .on_conflict_do_nothing(index_elements=["message", "conversation"])
    .returning(turns.c.id)
    for dialect in DIALECTS
}
_AGAIN = (
    update(turns)
    .where(
        turns.c.message == bindparam("asked"),
        turns.c.conversation == bindparam("of"),
        turns.c.state == TurnState.OPEN.value,
    )
    .values(attempts=turns.c.attempts + 1)
    .returning(turns.c.id, turns.c.attempts)
)


def open_turn(connection: Connection, message: Message, *, at: datetime) -> OpenTurn | None:
    asked = connection.execute(_ASKED, {"platform": message.place.platform, "message": message.id}).scalar()
    if asked is None:
        return None
    save_place(connection, message.place)
    conversation = conversation_id(connection, message.conversation)
    turn = uuid4().hex
    new = {
        "id": turn,
        "conversation": conversation,
        "message": asked,
        "state": TurnState.OPEN.value,
        "attempts": 1,
        "opened_at": at,
    }
    if connection.execute(_OPEN[connection.dialect.name], new).scalar() is None:
        return _take_up(connection, conversation, asked)
    delivery = uuid4().hex
    connection.execute(
        deliveries.insert(),
        {
            "id": delivery,
            "place": message.place.key,
            "turn": turn,
            "state": DeliveryState.OPEN.value,
            "text": "",
            "reply_to": message.id,
            "lead": "",
            "final": False,
            "created_at": at,
        },
    )
    return OpenTurn(id=turn, delivery_id=delivery, shown=Shown(), attempts=1)


def _take_up(connection: Connection, conversation: int, asked: int) -> OpenTurn | None:
    row = connection.execute(_AGAIN, {"asked": asked, "of": conversation}).first()
    if row is None:
        return None
    begun = connection.execute(
        select(deliveries.c.id, deliveries.c.shown).where(deliveries.c.turn == row.id).order_by(deliveries.c.created_at)
    ).first()
    if begun is None:
        return None
    return OpenTurn(id=row.id, delivery_id=begun.id, shown=codec.load_shown(begun.shown), attempts=row.attempts)


def close_turn(
    connection: Connection,
    turn: str,
    *,
    state: TurnState,
    delivery: Delivery,
    parts: Sequence[tuple[Part, Piece]],
    usage: Usage | None,
    at: datetime,
) -> None:
    guard_words(connection, forgetting=False)
    row = connection.execute(
        select(
            turns.c.state,
            turns.c.conversation,
            messages.c.seq,
            messages.c.platform,
            messages.c.transient,
            messages.c.author,
        )
        .join(messages, messages.c.seq == turns.c.message)
        .where(turns.c.id == turn)
        .with_for_update()
    ).first()
    images = {digest for part, _ in parts for digest in digests_of(part)}
    if row is None or row.state != TurnState.OPEN.value:
        # Its place, or its message, is gone: the answer may still be shown, and nothing of it stays.
        close_delivery(connection, turn, delivery, transient=True)
        drop_unlinked(connection, images)
        return
    erase = row.transient or row.author is None or has_opted_out(connection, row.author)
    connection.execute(
        update(turns).where(turns.c.id == turn).values(state=state.value, closed_at=at, usage=codec.dump_usage(usage))
    )
    close_delivery(connection, turn, delivery, transient=erase)
    settle(connection, row.seq, erase=erase)
    if not erase and state is not TurnState.FAILED:
        add_pieces(connection, row.conversation, turn, _still_there(connection, row.platform, parts))
        connection.execute(
            update(conversations)
            .where(conversations.c.id == row.conversation, conversations.c.covered < row.seq)
            .values(covered=row.seq)
        )
    drop_unlinked(connection, images)


def _still_there(
    connection: Connection, platform: str, parts: Sequence[tuple[Part, Piece]]
) -> list[tuple[Part, Piece | None]]:
    """The parts less what was deleted, and whose author has opted out, while the answer was being written."""
    lines = [line for part, _ in parts if isinstance(part, Question) for line in part.lines]
    gone: set[str] = set()
    silent: set[str] = set()
    for batch in batches({line.message for line in lines if line.message}):
        erased = (messages.c.platform == platform, messages.c.id.in_(batch), messages.c.body.is_(None))
        gone.update(connection.execute(select(messages.c.id).where(*erased)).scalars())
    for batch in batches({line.author for line in lines if line.author}):
        opted_out = (people.c.key.in_(batch), people.c.opted_out.is_(True))
        silent.update(connection.execute(select(people.c.key).where(*opted_out)).scalars())
    kept: list[tuple[Part, Piece | None]] = []
    for part, piece in parts:
        rest = part
        if isinstance(part, Question) and (gone or silent):
            rest = part.without(messages=gone)
            for author in silent:
                rest = rest.without(author=author)
        kept.append((rest, piece if rest == part else None))
    return kept

"""A question and its answer: opened once, closed once, in one transaction with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, func, select, update

from bot.storage import approvals, codec, corrections, delivery_codec, oversight
from bot.storage.batches import batches
from bot.storage.blobs import drop_unlinked, known_images
from bot.storage.connection import guard_words
from bot.storage.conversations import add_pieces, conversation_id, digests_of, sources_of
from bot.storage.corrections import Sent
from bot.storage.outbox import close_delivery, outgoing, to_outgoing
from bot.storage.places import DIALECTS, PLACE, has_opted_out, place_columns, save_place, to_place, upsert
from bot.storage.tables import conversations, deliveries, messages, people, places, turns
from bot.storage.transcript import message_columns, settle, to_message
from bot.talk.approval import Request
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Addressed, Conversation, Message
from bot.talk.oversight import Assessed
from bot.talk.record import Answered, OpenTurn, Usage
from bot.talk.turn import Part, Piece, Question, Results, TurnState

_LAST_ROUND = 2**31 - 1
_ASKED = (
    select(messages.c.seq, and_(messages.c.addressed == Addressed.SUPPORT.value, ~messages.c.pending).label("settled"))
    .where(
        messages.c.platform == bindparam("platform"),
        messages.c.id == bindparam("message"),
        messages.c.body.is_not(None),
    )
    .with_for_update()
)
_QUESTION = (
    select(*message_columns())
    .join(places, places.c.key == messages.c.place)
    .join(turns, turns.c.message == messages.c.seq)
    .where(turns.c.id == bindparam("turn"), messages.c.body.is_not(None))
)
_OPEN = {
    dialect: upsert(dialect, turns)
    .on_conflict_do_nothing(index_elements=["message", "conversation", "round"])
    .returning(turns.c.id)
    for dialect in DIALECTS
}
_AGAIN = (
    select(turns.c.id, turns.c.attempts, turns.c.round)
    .where(
        turns.c.message == bindparam("asked"),
        turns.c.conversation == bindparam("of"),
        turns.c.state == TurnState.OPEN.value,
        turns.c.round.between(bindparam("first"), bindparam("last")),
    )
    .with_for_update()
)
_ATTEMPT = (
    update(turns)
    .where(
        turns.c.id == bindparam("turn"),
        turns.c.state == TurnState.OPEN.value,
        turns.c.attempts + bindparam("by") >= 0,
    )
    .values(attempts=turns.c.attempts + bindparam("by"))
    .returning(turns.c.attempts)
)


def open_turn(
    connection: Connection, message: Message, *, at: datetime, anew: str | None, handle: str | None
) -> OpenTurn | None:
    row = connection.execute(_ASKED, {"platform": message.place.platform, "message": message.id}).first()
    if row is None or (row.settled and anew is None):
        return None
    asked = row.seq
    save_place(connection, message.place)
    conversation = conversation_id(connection, message.conversation)
    number = 0 if anew is None else _after(connection, anew, conversation, asked)
    if number is None:
        return None
    turn = uuid4().hex
    new = {
        "id": turn,
        "conversation": conversation,
        "message": asked,
        "round": number,
        "state": TurnState.OPEN.value,
        "attempts": 0,
        "opened_at": at,
    }
    if connection.execute(_OPEN[connection.dialect.name], new).scalar() is None:
        return _take_up(connection, conversation, asked, number, _LAST_ROUND if anew is None else number)
    if anew is not None:
        connection.execute(update(messages).where(messages.c.seq == asked).values(pending=True))
    delivery = uuid4().hex
    connection.execute(
        deliveries.insert(),
        {
            "id": delivery,
            "place": message.place.key,
            "only": message.only,
            "turn": turn,
            "state": DeliveryState.OPEN.value,
            "text": "",
            "reply_to": message.replies_to,
            "handle": handle,
            "lead": "",
            "final": False,
            "created_at": at,
        },
    )
    return OpenTurn(id=turn, delivery_id=delivery, shown=Shown(), attempts=0, anew=number > 0, handle=handle)


def _after(connection: Connection, turn: str, conversation: int, asked: int) -> int | None:
    """The round that follows this turn; None where it is not a finished turn of the message."""
    known = (turns.c.id == turn, turns.c.conversation == conversation, turns.c.message == asked)
    row = connection.execute(select(turns.c.state, turns.c.round).where(*known)).first()
    return None if row is None or row.state == TurnState.OPEN.value else row.round + 1


def _take_up(connection: Connection, conversation: int, asked: int, first: int, last: int) -> OpenTurn | None:
    """The message's open turn of these rounds; there is never more than one."""
    row = connection.execute(_AGAIN, {"asked": asked, "of": conversation, "first": first, "last": last}).first()
    if row is None:
        return None
    begun = connection.execute(
        select(deliveries.c.id, deliveries.c.shown, deliveries.c.created_at, deliveries.c.handle)
        .where(deliveries.c.turn == row.id)
        .order_by(deliveries.c.created_at)
    ).first()
    if begun is None:
        return None
    return OpenTurn(
        id=row.id,
        delivery_id=begun.id,
        shown=delivery_codec.load_shown(begun.shown).left(begun.created_at),
        attempts=row.attempts,
        anew=row.round > 0,
        handle=begun.handle,
    )


def count_attempt(connection: Connection, turn: str, *, by: int) -> int:
    """How often the turn was brought before the engine; 0 where it is not open any more."""
    return connection.execute(_ATTEMPT, {"turn": turn, "by": by}).scalar() or 0


def asked(connection: Connection, turn: str) -> Message | None:
    found = connection.execute(_QUESTION, {"turn": turn}).mappings().first()
    return None if found is None else to_message(found)


def answered(connection: Connection, message: int) -> Answered | None:
    """The last answer to this message; None while one is being written."""
    last = connection.execute(
        select(turns.c.id, turns.c.state, turns.c.closed_at)
        .where(turns.c.message == message)
        .order_by(turns.c.round.desc())
        .limit(1)
    ).first()
    if last is None or last.state not in (TurnState.DONE.value, TurnState.STOPPED.value):
        return None
    shown = connection.execute(outgoing().where(deliveries.c.turn == last.id)).mappings().first()
    if shown is None:
        return None
    return Answered(turn=last.id, closed_at=last.closed_at, outgoing=to_outgoing(shown))


def latest(connection: Connection, *, since: datetime, limit: int) -> tuple[Conversation, ...]:
    rows = connection.execute(
        select(*place_columns(), conversations.c.only)
        .join(conversations, conversations.c.place == places.c.key)
        .join(turns, turns.c.conversation == conversations.c.id)
        .where(turns.c.closed_at >= since)
        .group_by(conversations.c.id, *PLACE, conversations.c.only)
        .order_by(func.max(turns.c.closed_at).desc(), conversations.c.id)
        .limit(limit)
    )
    return tuple(Conversation(place=to_place(row), only=row["only"]) for row in rows.mappings())


def close_turn(
    connection: Connection,
    turn: str,
    *,
    state: TurnState,
    delivery: Delivery,
    parts: Sequence[tuple[Part, Piece]],
    usage: Usage | None,
    audience: str | None = None,
    requests: Sequence[Request],
    assessed: Assessed | None = None,
    at: datetime,
) -> None:
    guard_words(connection, forgetting=False)
    row = connection.execute(
        select(
            turns.c.state,
            turns.c.conversation,
            messages.c.seq,
            messages.c.platform,
            messages.c.id,
            messages.c.sent_at,
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
    if not erase:
        approvals.add(connection, turn, requests)
    if assessed is not None:
        oversight.note(connection, turn, assessed, words=not erase, at=at)
    if not erase and state is not TurnState.FAILED:
        kept = _still_there(connection, row.platform, parts)
        add_pieces(connection, row.conversation, turn, kept)
        sent = Sent(platform=row.platform, message=row.id, at=row.sent_at)
        for part, _ in kept:
            if isinstance(part, Question):
                corrections.settle(connection, row.conversation, sent, part, now=at)
        connection.execute(
            update(conversations)
            .where(conversations.c.id == row.conversation, conversations.c.covered < row.seq)
            .values(covered=row.seq)
        )
        if audience is not None:
            here = conversations.c.id == row.conversation
            connection.execute(update(conversations).where(here).values(audience=audience))
    drop_unlinked(connection, images)


def _still_there(
    connection: Connection, platform: str, parts: Sequence[tuple[Part, Piece]]
) -> list[tuple[Part, Piece | None]]:
    """The parts less what was deleted, and whose author has opted out, while the answer was being written.

    What a tool found was kept then: a message that is not known any more has gone with its place. A picture may have
    gone with another message that showed the same.
    """
    lines = [line for part, _ in parts if isinstance(part, Question) for line in part.lines]
    sources = {source for part, _ in parts for source in sources_of(part)}
    gone = {message for message, _, found in sources if message and found}
    silent: set[str] = set()
    for batch in batches({message for message, _, _ in sources if message}):
        known = (messages.c.platform == platform, messages.c.id.in_(batch))
        for row in connection.execute(select(messages.c.id, messages.c.body.is_(None).label("erased")).where(*known)):
            (gone.add if row.erased else gone.discard)(row.id)
    for batch in batches({author for _, author, _ in sources if author}):
        opted_out = (people.c.key.in_(batch), people.c.opted_out.is_(True))
        silent.update(connection.execute(select(people.c.key).where(*opted_out)).scalars())
    shown = known_images(connection, {image.digest for line in lines for image in line.images})
    kept: list[tuple[Part, Piece | None]] = []
    for part, piece in parts:
        rest = part
        if isinstance(part, Question | Results):
            rest = part.without(messages=gone)
            for author in silent:
                rest = rest.without(author=author)
        if isinstance(rest, Question):
            rest = rest.showing(shown)
        kept.append((rest, piece if rest == part else None))
    return kept

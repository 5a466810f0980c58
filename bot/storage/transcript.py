"""Inbox and transcript: every message once, in the order in which it was recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, exists, select, update

from bot.storage import codec
from bot.storage.places import opted_out, place_columns, to_place
from bot.storage.tables import conversations, corrections, messages, people, places, question_parts, uploads
from bot.talk.message import MADE, Conversation, Message


def message_columns() -> Iterable[Any]:
    kept = (
        messages.c[name]
        for name in ("seq", "id", "place", "addressed", "reply_to", "sent_at", "edited_at", "body", "only", "above")
    )
    return (*kept, *place_columns())


def to_message(row: RowMapping) -> Message:
    return codec.load_message(
        row["body"],
        message_id=row["id"],
        place=to_place(row),
        addressed=row["addressed"],
        reply_to=row["reply_to"],
        sent_at=row["sent_at"],
        edited_at=row["edited_at"],
        only=row["only"],
        above=row["above"],
    )


def body_of(connection: Connection, message: Message) -> str:
    """What is written down of it.

    Who has opted out is not kept in other people's replies either: the quote may be read to answer, not stored.
    """
    quoted = {quote.author_key for quote in message.quotes if quote.author_key is not None}
    return body_without(message, opted_out(connection, quoted))


def body_without(message: Message, silent: Collection[str]) -> str:
    """What is written down of it where these people, as `Person.key`, have opted out."""
    heard = tuple(quote for quote in message.quotes if quote.author_key not in silent)
    return codec.dump_body(message if len(heard) == len(message.quotes) else replace(message, quotes=heard))


MADE_OF_A_PRESS = [each.value for each in MADE]
SAID_TO_ALL = (messages.c.addressed.not_in(MADE_OF_A_PRESS), messages.c.only.is_(None))
"""Somebody said it, and not to us alone: other things are nobody's to find where the place's words are."""
OF_WHO_ALLOWS_IT = ~exists().where(people.c.key == messages.c.author, people.c.opted_out.is_(True))
"""Nobody is found in what was said before they opted out."""
_NO_END = 2**62
_BOUNDS = select(
    select(conversations.c.covered).where(conversations.c.key == bindparam("conversation")).scalar_subquery(),
    select(messages.c.seq)
    .where(messages.c.platform == bindparam("platform"), messages.c.id == bindparam("message"))
    .scalar_subquery(),
)
_OVERHEARD = (
    select(*message_columns())
    .join(places, places.c.key == messages.c.place)
    .where(
        messages.c.place == bindparam("place"),
        messages.c.seq > bindparam("low"),
        messages.c.seq < bindparam("high"),
        messages.c.body.is_not(None),
        messages.c.transient.is_(False),
        messages.c.pending.is_(False),
        *SAID_TO_ALL,
        OF_WHO_ALLOWS_IT,
    )
    .order_by(messages.c.seq.desc())
    .limit(bindparam("lines"))
)


def overheard(
    connection: Connection, conversation: Conversation, *, before: Message, limit: int, since_turn: bool
) -> tuple[Message, ...]:
    # The bounds are read first: the index on (place, seq) then finds the last lines without looking at others.
    low, high = connection.execute(
        _BOUNDS, {"conversation": conversation.key, "platform": before.place.platform, "message": before.id}
    ).one()
    if since_turn and not low:
        return ()
    rows = connection.execute(
        _OVERHEARD,
        {"place": conversation.place.key, "low": low or 0, "high": _NO_END if high is None else high, "lines": limit},
    )
    return tuple(reversed([to_message(row) for row in rows.mappings()]))


def settle(connection: Connection, seq: int, *, erase: bool) -> None:
    """The message needs no answer any more. `erase`: its words go, the row stays so that a replay is recognised."""
    if erase:
        parts = connection.execute(select(question_parts.c.part).where(question_parts.c.head == seq)).scalars()
        erase_words(connection, [seq, *parts])
    else:
        connection.execute(update(messages).where(messages.c.seq == seq).values(pending=False))


def erase_words(connection: Connection, seqs: list[int]) -> None:
    connection.execute(
        update(messages)
        .where(messages.c.seq.in_(seqs))
        .values(body=None, author=None, reply_to=None, edited_at=None, pending=False)
    )
    connection.execute(uploads.delete().where(uploads.c.message.in_(seqs)))
    connection.execute(corrections.delete().where(corrections.c.message.in_(seqs)))

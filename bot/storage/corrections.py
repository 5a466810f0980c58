"""Edits of messages whose words some conversation already holds.

The model is told of an edit at the end of the prompt, so that the prompt before it stays the same; at the next cut,
when it changes anyway, the new words are written through. Until then a row here says that they are owed, or told.
What a tool found is not edited: it is what was found then, and who may read the message by now is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, or_, select, update

from bot.storage import codec
from bot.storage.added import forget_said
from bot.storage.batches import batches
from bot.storage.columns import storable
from bot.storage.connection import guard_words
from bot.storage.ledgers import touch
from bot.storage.places import has_opted_out, insert, save_place
from bot.storage.stages import forget_stages
from bot.storage.tables import conversations, corrections, messages, people, piece_sources, pieces, places
from bot.storage.transcript import body_of, message_columns, to_message
from bot.storage.withdrawing import withdraw_unsent
from bot.talk.message import Conversation, Message
from bot.talk.turn import Line, Question
from bot.talk.words import reads


def revise(connection: Connection, message: Message, *, now: datetime) -> int | None:
    """The row of the message whose words have changed.

    An edit that arrives after a later one of the same message changes nothing; neither does one of a tombstone. New
    words of somebody who has opted out since are not kept.
    """
    # A turn that is just being closed must not come between, with the older words.
    guard_words(connection, forgetting=True)
    save_place(connection, message.place)
    silent = has_opted_out(connection, message.author.key)
    edited = message.edited_at
    later = [] if edited is None else [or_(messages.c.edited_at.is_(None), messages.c.edited_at <= edited)]
    known = connection.execute(
        select(messages.c.seq, messages.c.body).where(
            messages.c.platform == message.place.platform,
            messages.c.id == message.id,
            messages.c.body.is_not(None),
            *later,
            *([messages.c.transient.is_(True)] if silent else []),
        )
    ).first()
    if known is None:
        forget_said(connection, message.place.platform, [message.id])
        return None
    body = body_of(connection, message)
    connection.execute(
        update(messages).where(messages.c.seq == known.seq).values(body=body, edited_at=message.edited_at or now)
    )
    forget_stages(connection, [known.seq])
    if codec.words_of(known.body) == codec.words_of(storable(body)):
        return None
    forget_said(connection, message.place.platform, [message.id])
    withdraw_unsent(connection, message.place.platform, message.id)
    holding = connection.execute(
        select(piece_sources.c.conversation)
        .join(conversations, conversations.c.id == piece_sources.c.conversation)
        .join(places, places.c.key == conversations.c.place)
        .where(
            piece_sources.c.message == message.id,
            piece_sources.c.found.is_(False),
            places.c.platform == message.place.platform,
        )
        .distinct()
    ).scalars()
    for conversation in holding.all():
        _owe(connection, conversation, known.seq, at=now)
    return known.seq


def _owe(connection: Connection, conversation: int, message: int, *, at: datetime) -> None:
    new = insert(connection, corrections).values(conversation=conversation, message=message, noted_at=at, told=False)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["conversation", "message"], set_={"noted_at": new.excluded.noted_at, "told": False}
        )
    )


def _seen(seq: ColumnElement[int]) -> ColumnElement[bool]:
    """By the model, as a piece or in the summary."""
    return or_(
        seq >= conversations.c.cut_before, seq.between(conversations.c.summary_first, conversations.c.summary_last)
    )


# Made once: it is asked before every answer, and building it costs more than running it.
_OWED = (
    select(*message_columns())
    .join(places, places.c.key == messages.c.place)
    .join(corrections, corrections.c.message == messages.c.seq)
    .join(conversations, conversations.c.id == corrections.c.conversation)
    .where(
        conversations.c.key == bindparam("conversation"),
        corrections.c.told.is_(False),
        messages.c.body.is_not(None),
        ~exists().where(people.c.key == messages.c.author, people.c.opted_out.is_(True)),
        exists().where(
            piece_sources.c.conversation == conversations.c.id,
            piece_sources.c.message == messages.c.id,
            piece_sources.c.found.is_(False),
            _seen(piece_sources.c.seq),
        ),
    )
    .order_by(corrections.c.noted_at, corrections.c.message)
    .limit(bindparam("most"))
)


def owed(connection: Connection, conversation: Conversation, *, limit: int) -> tuple[Message, ...]:
    rows = connection.execute(_OWED, {"conversation": conversation.key, "most": limit})
    return tuple(to_message(row) for row in rows.mappings())


# a turn is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Which message a turn answered, and when it was sent."""

    platform: str
    message: str
    at: datetime


def settle(connection: Connection, conversation: int, asked: Sent, question: Question, *, now: datetime) -> None:
    """What the question tells of is told. What was edited while it was being answered is owed."""
    for message, edited_at, text, seq in _edited(connection, asked.platform, question):
        lines = [line for line in question.lines if line.message == message]
        read = [_is_read(line, text) for line in lines if line.words is not None]
        # A quote reads as it did when the question was sent.
        stale = message != asked.message and edited_at > asked.at and any(line.words is None for line in lines)
        if any(line.corrects for line in lines) and any(read):
            told = (corrections.c.conversation == conversation, corrections.c.message == seq)
            connection.execute(update(corrections).where(*told).values(told=True))
        elif stale or not all(read):
            _owe(connection, conversation, seq, at=now)


def _edited(connection: Connection, platform: str, question: Question) -> Iterator[tuple[str, datetime, str, int]]:
    """Of the messages that the question has words of: id, when, the words as they read now, row."""
    ids = {line.message for line in question.lines if line.message is not None and not line.found}
    for batch in batches(ids):
        rows = connection.execute(
            select(messages.c.id, messages.c.edited_at, messages.c.body, messages.c.seq).where(
                messages.c.platform == platform,
                messages.c.id.in_(batch),
                messages.c.edited_at.is_not(None),
                messages.c.body.is_not(None),
            )
        )
        for row in rows.all():
            yield row.id, row.edited_at, codec.words_of(row.body), row.seq


def _is_read(line: Line, text: str) -> bool:
    return reads(storable(line.own or ""), storable(text))


# pieces are read and changed


def edits(connection: Connection, conversation: Conversation) -> Mapping[str, str]:
    """Messages of which older words stand in pieces: their ids, and their words as they read now."""
    rows = connection.execute(
        select(messages.c.id, messages.c.body)
        .join(corrections, corrections.c.message == messages.c.seq)
        .join(conversations, conversations.c.id == corrections.c.conversation)
        .where(conversations.c.key == conversation.key, messages.c.body.is_not(None))
    )
    return {row.id: codec.words_of(row.body) for row in rows.all()}


def revised(part: str, changed: Mapping[str, str]) -> str:
    """A stored part with these edits written through; doing it again changes nothing."""
    if not any(message in part for message in changed):
        return part
    question = before = codec.load_part(part)
    if not isinstance(question, Question):
        return part
    for message, text in changed.items():
        question = question.revised(message, text)
    return part if question == before else codec.dump_part(question)


def write_through(connection: Connection, conversation: Conversation, number: int) -> None:
    """In all pieces, cut or not. What is told, or stands nowhere any more, is not owed."""
    changed = edits(connection, conversation)
    if not changed:
        return
    stale = False
    for batch in batches(changed):
        found = connection.execute(
            select(pieces.c.seq, pieces.c.part)
            .join(
                piece_sources,
                (piece_sources.c.conversation == pieces.c.conversation) & (piece_sources.c.seq == pieces.c.seq),
            )
            .where(pieces.c.conversation == number, piece_sources.c.message.in_(batch))
            .distinct()
        )
        for seq, part in found.all():
            new = revised(part, changed)
            if new != part:
                stale = True
                connection.execute(
                    update(pieces)
                    .where(pieces.c.conversation == number, pieces.c.seq == seq)
                    .values(part=new, text=None, tokens=0, images=None)
                )
    if stale:
        touch(connection, conversations.c.id == number)
    summed_up = exists().where(
        piece_sources.c.conversation == number,
        piece_sources.c.message == messages.c.id,
        piece_sources.c.found.is_(False),
        messages.c.seq == corrections.c.message,
        conversations.c.id == number,
        piece_sources.c.seq.between(conversations.c.summary_first, conversations.c.summary_last),
    )
    connection.execute(
        delete(corrections).where(corrections.c.conversation == number, or_(corrections.c.told.is_(True), ~summed_up))
    )

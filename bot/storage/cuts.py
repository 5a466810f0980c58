"""Where a conversation was cut, and the summary that stands for what went.

A summary is prepared at leisure and holds words, so it is only taken if nothing was deleted, cut or summed up
meanwhile: `past_revision` says so. It goes, in the same transaction, with any word of the pieces it was made from.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select, update

from bot.storage import codec
from bot.storage.connection import guard_words
from bot.storage.corrections import write_through
from bot.storage.ledgers import SUMMARY
from bot.storage.tables import conversations, pieces
from bot.talk.message import Conversation
from bot.talk.record import StoredSummary


def _values(summary: StoredSummary | None) -> dict[str, Any]:
    if summary is None:
        return {column.name: None for column in SUMMARY}
    return {
        "summary": summary.summary.text,
        "summary_piece": codec.dump_piece(summary.piece),
        "summary_first": summary.first,
        "summary_last": summary.last,
        "summary_by_model": summary.by_model,
    }


def cut(
    connection: Connection,
    conversation: Conversation,
    *,
    before: int,
    cause: str,
    summary: StoredSummary | None,
    revision: int,
) -> bool:
    guard_words(connection, forgetting=False)
    number = connection.execute(
        update(conversations)
        .where(
            conversations.c.key == conversation.key,
            conversations.c.past_revision == revision,
            conversations.c.cut_before <= before,
        )
        .values(cut_before=before, cut_cause=cause, past_revision=conversations.c.past_revision + 1, **_values(summary))
        .returning(conversations.c.id)
    ).scalar()
    if number is None:
        return False
    write_through(connection, conversation, number)
    return True


def turn_away(connection: Connection, conversation: Conversation) -> bool:
    """From the whole past, for good: not even summed up does it come back into the model's view."""
    guard_words(connection, forgetting=False)
    number = connection.execute(
        update(conversations)
        .where(conversations.c.key == conversation.key, conversations.c.audience.is_not(None))
        .values(
            cut_before=conversations.c.next_seq,
            unseen_before=conversations.c.next_seq,
            cut_cause="audience",
            audience=None,
            past_revision=conversations.c.past_revision + 1,
            **_values(None),
        )
        .returning(conversations.c.id)
    ).scalar()
    return number is not None


def save_summary(connection: Connection, conversation: Conversation, summary: StoredSummary, *, revision: int) -> bool:
    guard_words(connection, forgetting=False)
    number = connection.execute(
        update(conversations)
        .where(conversations.c.key == conversation.key, conversations.c.past_revision == revision)
        .values(past_revision=conversations.c.past_revision + 1, **_values(summary))
        .returning(conversations.c.id)
    ).scalar()
    return number is not None


def forget_summaries(connection: Connection, gone: ColumnElement[bool]) -> None:
    """Words of these pieces are about to go: so do summaries that may hold them, and those being prepared."""
    here = select(pieces.c.conversation).where(gone)
    connection.execute(
        update(conversations)
        .where(conversations.c.id.in_(here))
        .values(past_revision=conversations.c.past_revision + 1)
    )
    held = exists().where(
        pieces.c.conversation == conversations.c.id,
        pieces.c.seq.between(conversations.c.summary_first, conversations.c.summary_last),
        gone,
    )
    connection.execute(update(conversations).where(conversations.c.summary.is_not(None), held).values(_values(None)))

"""Reads ledgers, and keeps the last ones so that a turn reads only what is new.

A full window is some 1,400 pieces, which took 10 ms before every answer. A ledger grows at its end only; whatever
changes or deletes a piece raises its conversation's `revision` in the same transaction (`touch`), and the next reader,
in whichever process, reads it whole again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select, update

from bot.storage import codec
from bot.storage.tables import conversations, pieces
from bot.talk.message import Conversation
from bot.talk.record import Ledger, StoredPiece, StoredSummary
from bot.talk.turn import Piece, Summary

KEPT = 16
"""Conversations whose ledgers are kept; a full window of 128K tokens takes some 1.5 MiB."""

SUMMARY = (
    conversations.c.summary,
    conversations.c.summary_piece,
    conversations.c.summary_first,
    conversations.c.summary_last,
    conversations.c.summary_by_model,
)
_HEAD = select(
    conversations.c.id,
    conversations.c.head,
    conversations.c.fingerprint,
    conversations.c.cut_before,
    conversations.c.revision,
    conversations.c.past_revision,
    conversations.c.audience,
    *SUMMARY,
).where(conversations.c.key == bindparam("key"))
_PIECES = (
    select(pieces.c.seq, pieces.c.turn, pieces.c.text, pieces.c.tokens, pieces.c.template, pieces.c.images)
    .where(pieces.c.conversation == bindparam("conversation"), pieces.c.seq >= bindparam("first"))
    .order_by(pieces.c.seq)
)


def touch(connection: Connection, which: ColumnElement[bool]) -> None:
    """Pieces of these conversations are about to change or go: whoever keeps them reads them again."""
    connection.execute(update(conversations).where(which).values(revision=conversations.c.revision + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    conversation: int
    revision: int
    pieces: tuple[StoredPiece, ...] = ()


class Ledgers:
    """The ledgers that one store read last. Used by several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, connection: Connection, conversation: Conversation) -> Ledger:
        row = connection.execute(_HEAD, {"key": conversation.key}).first()
        if row is None:
            return Ledger(head=None, fingerprint="", pieces=())
        known = self._known(conversation.key, row.id, row.revision)
        if known and known[0].seq < row.cut_before:
            known = tuple(stored for stored in known if stored.seq >= row.cut_before)
        first = known[-1].seq + 1 if known else row.cut_before
        new = connection.execute(_PIECES, {"conversation": row.id, "first": first})
        whole = (*known, *map(_stored, new.all()))
        self._keep(conversation.key, _Kept(conversation=row.id, revision=row.revision, pieces=whole))
        head = codec.load_piece(row.head) if row.head is not None else None
        return Ledger(
            head=head,
            fingerprint=row.fingerprint,
            pieces=whole,
            summary=_summary(row),
            cut_before=row.cut_before,
            revision=row.past_revision,
            audience=row.audience,
        )

    def clear(self) -> None:
        """After words were deleted: they go from memory, too."""
        with self._lock:
            self._kept.clear()

    def _known(self, key: str, conversation: int, revision: int) -> tuple[StoredPiece, ...]:
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or (kept.conversation, kept.revision) != (conversation, revision):
            return ()
        return kept.pieces

    def _keep(self, key: str, kept: _Kept) -> None:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _stored(row: Row[Any, Any, Any, Any, Any, Any]) -> StoredPiece:
    if row.text is None:
        return StoredPiece(seq=row.seq, turn=row.turn, piece=None)
    images = codec.load_images(row.images)
    piece = Piece(text=row.text, tokens=row.tokens, template=row.template, images=images)
    return StoredPiece(seq=row.seq, turn=row.turn, piece=piece)


def _summary(row: Row[*tuple[Any, ...]]) -> StoredSummary | None:
    if row.summary is None:
        return None
    return StoredSummary(
        summary=Summary(text=row.summary),
        piece=codec.load_piece(row.summary_piece),
        first=row.summary_first,
        last=row.summary_last,
        by_model=row.summary_by_model,
    )

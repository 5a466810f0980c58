"""Parts that are handed out to be read or rendered, and the pieces that come back.

Whoever renders takes its time. Words may be deleted or changed meanwhile, and others may render the same: a piece is
saved only where its part still is the one that it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, update

from bot.storage import codec
from bot.storage.batches import batches
from bot.storage.corrections import edits, revised
from bot.storage.ledgers import touch
from bot.storage.tables import conversations, pieces
from bot.talk.message import Conversation
from bot.talk.turn import Part, Piece


def raw_parts(connection: Connection, conversation: Conversation, seqs: Sequence[int]) -> dict[int, str]:
    """As they read now: edits are written through."""
    changed = edits(connection, conversation)
    return {seq: revised(part, changed) for seq, part in _stored(connection, conversation, seqs).items()}


def raw_past(connection: Connection, conversation: Conversation, *, before: int, limit: int) -> dict[int, str]:
    rows = connection.execute(
        select(pieces.c.seq, pieces.c.part)
        .join(conversations, conversations.c.id == pieces.c.conversation)
        .where(
            conversations.c.key == conversation.key,
            pieces.c.seq < before,
            pieces.c.seq >= conversations.c.unseen_before,
        )
        .order_by(pieces.c.seq.desc())
        .limit(limit)
    )
    changed = edits(connection, conversation)
    return {row.seq: revised(row.part, changed) for row in reversed(rows.all())}


def _stored(connection: Connection, conversation: Conversation, seqs: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for batch in batches(seqs):
        rows = connection.execute(
            select(pieces.c.seq, pieces.c.part)
            .join(conversations, conversations.c.id == pieces.c.conversation)
            .where(conversations.c.key == conversation.key, pieces.c.seq.in_(batch))
        )
        found.update((seq, part) for seq, part in rows)
    return found


def save_rendered(
    connection: Connection, conversation: Conversation, rendered: Mapping[int, tuple[Part, Piece]]
) -> None:
    number = connection.execute(select(conversations.c.id).where(conversations.c.key == conversation.key)).scalar()
    touch(connection, conversations.c.id == number)
    changed = edits(connection, conversation)
    for seq, part in _stored(connection, conversation, list(rendered)).items():
        now, (made_from, piece) = revised(part, changed), rendered[seq]
        if codec.load_part(now) == made_from:
            connection.execute(
                update(pieces)
                .where(pieces.c.conversation == number, pieces.c.seq == seq, pieces.c.part == part)
                .values(
                    part=now,
                    text=piece.text,
                    tokens=piece.tokens,
                    template=piece.template,
                    images=codec.dump_images(piece.images),
                )
            )

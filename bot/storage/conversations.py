"""Writes the ledger of a conversation: its head, its pieces and where it was cut. `ledgers` reads it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select, update

from bot.storage import codec
from bot.storage.ledgers import touch
from bot.storage.places import insert, save_place
from bot.storage.tables import conversations, piece_images, piece_sources, pieces
from bot.talk.message import Conversation
from bot.talk.turn import Image, Part, Piece, Question

T = TypeVar("T")

BATCH = 500
"""Values in one IN: both databases limit them."""
HANDED_OUT = 256
"""Conversations of which the parts handed out for rendering are remembered."""

_ID = select(conversations.c.id).where(conversations.c.key == bindparam("key"))


def batches(values: Iterable[T]) -> Iterable[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch


def conversation_id(connection: Connection, conversation: Conversation) -> int:
    """Of the row, which is made if need be."""
    known = connection.execute(_ID, {"key": conversation.key}).scalar()
    if known is not None:
        return known
    save_place(connection, conversation.place)
    connection.execute(
        insert(connection, conversations)
        .values(key=conversation.key, place=conversation.place.key, only=conversation.only, fingerprint="")
        .on_conflict_do_nothing(index_elements=["key"])
    )
    return connection.execute(_ID, {"key": conversation.key}).scalar_one()


def save_head(connection: Connection, conversation: Conversation, piece: Piece, *, fingerprint: str) -> None:
    number = conversation_id(connection, conversation)
    connection.execute(
        update(conversations)
        .where(conversations.c.id == number)
        .values(head=codec.dump_piece(piece), fingerprint=fingerprint)
    )


def cut(connection: Connection, conversation: Conversation, *, before: int, cause: str) -> None:
    """A cut never goes back: a smaller `before` than the last one changes nothing."""
    connection.execute(
        update(conversations)
        .where(conversations.c.key == conversation.key, conversations.c.cut_before < before)
        .values(cut_before=before, cut_cause=cause)
    )


def raw_parts(connection: Connection, conversation: Conversation, seqs: Sequence[int]) -> dict[int, str]:
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
    connection: Connection, conversation: Conversation, rendered: Mapping[int, Piece], made_from: Mapping[int, bytes]
) -> None:
    """Only where the part still is what the piece was made from: words that were deleted meanwhile stay away."""
    now = raw_parts(connection, conversation, list(rendered))
    number = connection.execute(_ID, {"key": conversation.key}).scalar()
    touch(connection, conversations.c.id == number)
    for seq, piece in rendered.items():
        if seq not in now:
            continue
        digest = _digest(now[seq])
        if made_from.get(seq, digest) == digest:
            connection.execute(
                update(pieces)
                .where(pieces.c.conversation == number, pieces.c.seq == seq, pieces.c.part == now[seq])
                .values(
                    text=piece.text,
                    tokens=piece.tokens,
                    template=piece.template,
                    images=codec.dump_images(piece.images),
                )
            )


def add_pieces(connection: Connection, number: int, turn: str, parts: Sequence[tuple[Part, Piece | None]]) -> None:
    """Append to a conversation; a piece None is to be rendered again."""
    first = connection.execute(
        update(conversations)
        .where(conversations.c.id == number)
        .values(next_seq=conversations.c.next_seq + len(parts))
        .returning(conversations.c.next_seq)
    ).scalar_one() - len(parts)
    rows: list[dict[str, Any]] = []
    sources: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for seq, (part, piece) in enumerate(parts, start=first):
        rows.append(
            {
                "conversation": number,
                "seq": seq,
                "turn": turn,
                "tokens": piece.tokens if piece else 0,
                "template": piece.template if piece else "",
                "images": codec.dump_images(piece.images) if piece else None,
                "text": piece.text if piece else None,
                "part": codec.dump_part(part),
            }
        )
        sources.extend(source_rows(number, seq, part))
        shown.extend(image_rows(number, seq, part, piece.images if piece else ()))
    if rows:
        connection.execute(pieces.insert(), rows)
    if sources:
        connection.execute(piece_sources.insert(), sources)
    if shown:
        connection.execute(piece_images.insert(), shown)


def source_rows(number: int, seq: int, part: Part) -> list[dict[str, Any]]:
    if not isinstance(part, Question):
        return []
    of = {(line.message, line.author) for line in part.lines if line.message or line.author}
    return [{"conversation": number, "seq": seq, "message": one, "author": author} for one, author in of]


def image_rows(number: int, seq: int, part: Part, shown: Sequence[Image] = ()) -> list[dict[str, Any]]:
    digests = {image.digest for image in shown} | set(digests_of(part))
    return [{"conversation": number, "seq": seq, "digest": digest} for digest in sorted(digests)]


def digests_of(part: Part) -> Iterable[str]:
    if isinstance(part, Question):
        for line in part.lines:
            for image in line.images:
                yield image.digest


def _digest(part: str) -> bytes:
    return hashlib.blake2b(part.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class HandedOut:
    """From which parts the pieces being rendered are made, so that `save_rendered` can tell whether they still hold."""

    def __init__(self) -> None:
        self._parts: OrderedDict[str, dict[int, bytes]] = OrderedDict()

    def note(self, conversation: Conversation, parts: Mapping[int, str]) -> None:
        self._parts.setdefault(conversation.key, {}).update((seq, _digest(part)) for seq, part in parts.items())
        self._parts.move_to_end(conversation.key)
        while len(self._parts) > HANDED_OUT:
            self._parts.popitem(last=False)

    def take(self, conversation: Conversation) -> Mapping[int, bytes]:
        return self._parts.pop(conversation.key, {})

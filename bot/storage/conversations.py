"""Writes the ledger of a conversation: its head and its pieces. `cuts` cuts it, `ledgers` reads it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bot.storage import codec
from bot.storage.places import insert, save_place
from bot.storage.tables import conversations, piece_images, piece_sources, pieces
from bot.talk.message import Conversation
from bot.talk.turn import Image, Part, Piece, Question, Results

FIRST_REVISIONS = 2**48
"""Where a conversation's revisions begin is drawn among so many: one that was forgotten may begin anew under the same
key, and what was prepared for it must not pass for its successor's."""

_ID = select(conversations.c.id).where(conversations.c.key == bindparam("key"))


def conversation_id(connection: Connection, conversation: Conversation) -> int:
    """Of the row, which is made if need be."""
    known = connection.execute(_ID, {"key": conversation.key}).scalar()
    if known is not None:
        return known
    save_place(connection, conversation.place)
    connection.execute(
        insert(connection, conversations)
        .values(
            key=conversation.key,
            place=conversation.place.key,
            only=conversation.only,
            fingerprint="",
            past_revision=secrets.randbelow(FIRST_REVISIONS),
        )
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
    return [
        {"conversation": number, "seq": seq, "message": message, "author": author, "found": found}
        for message, author, found in sources_of(part)
    ]


def sources_of(part: Part) -> set[tuple[str | None, str | None, bool]]:
    """Of which message, by whom, and whether a tool found it, for all words that are somebody's."""
    match part:
        case Question(lines=lines):
            return {(line.message, line.author, line.found) for line in lines if line.message or line.author}
        case Results(results=results):
            return {(one.message, one.author, True) for each in results for one in each.of if one.message or one.author}
        case _:
            return set()


def image_rows(number: int, seq: int, part: Part, shown: Sequence[Image] = ()) -> list[dict[str, Any]]:
    digests = {image.digest for image in shown} | set(digests_of(part))
    return [{"conversation": number, "seq": seq, "digest": digest} for digest in sorted(digests)]


def digests_of(part: Part) -> Iterable[str]:
    if isinstance(part, Question):
        for line in part.lines:
            for image in line.images:
                yield image.digest

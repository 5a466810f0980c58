"""Vectors of passages in the database: some of one document in a row, each its scale and then its codes."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from itertools import repeat

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from bot.ports.embedding import Due, Embedded, Held
from bot.storage.batches import batches
from bot.storage.census import census
from bot.storage.gathered import listed, numbers
from bot.storage.knowledge import on
from bot.storage.knowledge_tables import knowledge, knowledge_chunks, knowledge_vectors
from bot.storage.latest import Latest
from bot.talk.knowledge import Chunk, Shelf
from bot.talk.vectors import Vector

_MADE = select(func.sum(knowledge.c.embedded)).where(knowledge.c.embedder == bindparam("by"))
SCALE = struct.Struct("<f")


def due(connection: Connection, fingerprint: str, *, limit: int) -> Due | None:
    c = knowledge.c
    found = connection.execute(
        select(c.id, c.title, c.embedded, c.embedder)
        .where(or_(c.embedder != fingerprint, c.embedded < c.chunks), c.chunks > 0)
        .order_by(c.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    first = found.embedded if found.embedder == fingerprint else 0
    rows = connection.execute(
        select(knowledge_chunks.c.heading, knowledge_chunks.c.text)
        .where(knowledge_chunks.c.document == found.id, knowledge_chunks.c.position >= first)
        .order_by(knowledge_chunks.c.position)
        .limit(limit)
    )
    return due_of(found.id, first, found.title, [Chunk(text=row.text, where=row.heading) for row in rows])


def due_of(document: int, first: int, title: str, chunks: Sequence[Chunk]) -> Due:
    """What vectors are made of: each passage below the nearest heading, which it may not repeat, and that heading."""
    headings = tuple(chunk.heading or title for chunk in chunks)
    texts = tuple(
        chunk.text if heading in chunk.text else f"{heading}\n{chunk.text}"
        for chunk, heading in zip(chunks, headings, strict=True)
    )
    return Due(document=document, first=first, texts=texts, headings=headings)


def save(connection: Connection, made: Due, fingerprint: str, vectors: Sequence[Vector]) -> bool:
    """False where the document has gone, or others were here before. A saved document has a new number each time."""
    c = knowledge.c
    row = connection.execute(
        select(c.embedder, c.embedded).where(c.id == made.document).with_for_update()
    ).one_or_none()
    if row is None or made.first != (row.embedded if row.embedder == fingerprint else 0):
        return False
    if made.first == 0:
        connection.execute(delete(knowledge_vectors).where(knowledge_vectors.c.document == made.document))
    connection.execute(
        knowledge_vectors.insert().values(document=made.document, first=made.first, vectors=pack(vectors))
    )
    count = made.first + len(vectors)
    connection.execute(update(knowledge).where(c.id == made.document).values(embedder=fingerprint, embedded=count))
    return True


def embedded(connection: Connection, fingerprint: str) -> Embedded:
    c = knowledge.c
    whole = connection.execute(select(func.sum(c.chunks))).scalar_one()
    done = connection.execute(select(func.sum(c.embedded)).where(c.embedder == fingerprint)).scalar_one()
    return Embedded(done=int(done or 0), passages=int(whole or 0))


def held(
    connection: Connection, fingerprint: str, shelves: Sequence[Shelf], latest: Latest[tuple[Held, ...]]
) -> tuple[Held, ...]:
    """Documents on these shelves that have vectors, in their order."""
    made = connection.execute(_MADE, {"by": fingerprint}).scalar()
    what = (census(connection), fingerprint, made, tuple(shelves))
    return latest.of(what, lambda: _held(connection, fingerprint, shelves))


def _held(connection: Connection, fingerprint: str, shelves: Sequence[Shelf]) -> tuple[Held, ...]:
    c = knowledge.c
    found: list[Held] = []
    for some in batches(shelves):
        asked = (
            select(c.language, numbers(c.id), numbers(c.embedded))
            .where(on(some), c.embedder == fingerprint, c.embedded > 0)
            .group_by(c.language)
        )
        for language, which, counts in connection.execute(asked):
            found += map(Held, listed(which), listed(counts), repeat(language))
    return tuple(sorted(found))


def load(connection: Connection, documents: Collection[int]) -> Mapping[int, bytes]:
    """All vectors of each, packed."""
    found: dict[int, list[bytes]] = {}
    c = knowledge_vectors.c
    for some in batches(documents):
        rows = connection.execute(
            select(c.document, c.vectors).where(c.document.in_(some)).order_by(c.document, c.first)
        )
        for document, vectors in rows:
            found.setdefault(document, []).append(vectors)
    return {document: b"".join(parts) for document, parts in found.items()}


def pack(vectors: Sequence[Vector]) -> bytes:
    return b"".join(SCALE.pack(vector.scale) + vector.codes for vector in vectors)

"""The index of the community's own knowledge: documents, their passages, and which words stand in which.

An inverted index of our own, the same on both databases: a row for each word of a document, with all passages that have
it. What somebody may not read is left out before anything is counted, so that no rank tells of it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, and_, delete, func, or_, select, update

from bot.storage.among import among, by_dialect, given, many
from bot.storage.batches import batches
from bot.storage.census import census
from bot.storage.columns import storable
from bot.storage.gathered import numbers, octets
from bot.storage.knowledge_tables import knowledge, knowledge_chunks, knowledge_said, knowledge_terms
from bot.storage.latest import Latest
from bot.storage.ranking import BYTES, Corpus, Posted, Readable, pack, posting, readable
from bot.storage.tables import places
from bot.storage.terms import terms
from bot.talk.knowledge import Chunk, Known, Match, Readers, Shelf, Spot
from bot.talk.turn import Whose

MOST_SOUGHT = 32
"""Words of one search; the others are left out."""

_KEPT = (
    *("key", "name", "title", "url", "guild", "room", "digest", "stamp", "read_at"),
    *("language", "labels", "failing_since"),
)

HEADING_WEIGHT = 2
"""A word of a title or heading counts so often in each passage below it."""


FEW = 4
"""Where less than one in so many documents may be read, words are looked up in these alone: a step for each of them is
dearer than passing by another one."""

_POSITIONS = 2**24
"""More than a document has: a posting has as many bits for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """A document's passages, made ready to be written."""

    chunks: Sequence[Chunk]
    lengths: Sequence[int]
    postings: Mapping[str, Sequence[int]]


def index(document: Known, chunks: Sequence[Chunk]) -> Indexed:
    """Takes a second for a long manual: not for the event loop."""
    postings: dict[str, list[int]] = defaultdict(list)
    lengths: list[int] = []
    titled = list(terms(storable(document.title)))
    for position, chunk in enumerate(chunks):
        counted = Counter(terms(storable(chunk.text)))
        lengths.append(sum(counted.values()))
        for term in {*titled, *terms(storable(chunk.where))}:
            counted[term] += HEADING_WEIGHT
        for term, count in counted.items():
            postings[term].append(posting(position, count))
    return Indexed(chunks=chunks, lengths=lengths, postings=postings)


def known(connection: Connection) -> dict[str, Known]:
    return {row.key: _to_known(row) for row in connection.execute(_documents())}


def guilds(connection: Connection) -> frozenset[str | None]:
    c = knowledge.c
    return frozenset(connection.execute(select(c.guild).where(c.chunks > 0).distinct()).scalars())


def save(connection: Connection, document: Known, indexed: Indexed) -> int:
    """Its number."""
    connection.execute(delete(knowledge).where(knowledge.c.key == document.key))
    made = connection.execute(
        knowledge.insert()
        .values(
            key=document.key,
            name=document.name,
            title=document.title,
            url=document.url,
            guild=document.readers.guild,
            room=document.readers.room,
            digest=document.digest,
            stamp=document.stamp,
            read_at=document.read_at,
            lengths=pack(indexed.lengths),
            chunks=len(indexed.chunks),
            length=sum(indexed.lengths),
            language=document.language,
            labels=_joined(document.labels),
            failing_since=document.failing_since,
        )
        .returning(knowledge.c.id)
    ).scalar_one()
    passages = [
        {"document": made, "position": position, "heading": chunk.where, "text": chunk.text}
        for position, chunk in enumerate(indexed.chunks)
    ]
    words = [
        {"term": term, "document": made, "postings": pack(postings)}
        for term, postings in sorted(indexed.postings.items())
    ]
    for table, rows in ((knowledge_chunks, passages), (knowledge_terms, words)):
        for some in batches(rows):
            connection.execute(table.insert(), some)
    return int(made)


def touch(connection: Connection, key: str, *, stamp: str, read_at: datetime) -> None:
    connection.execute(
        update(knowledge).where(knowledge.c.key == key).values(stamp=stamp, read_at=read_at, failing_since=None)
    )


def fail(connection: Connection, key: str, *, since: datetime) -> None:
    connection.execute(
        update(knowledge).where(knowledge.c.key == key, knowledge.c.failing_since.is_(None)).values(failing_since=since)
    )


def drop(connection: Connection, keys: Collection[str]) -> None:
    for some in batches(keys):
        connection.execute(delete(knowledge).where(knowledge.c.key.in_(some)))


def shelves(
    connection: Connection,
    *,
    rooms: Collection[str],
    guilds: Collection[str],
    labels: Collection[str] = (),
) -> tuple[Shelf, ...]:
    """Of those that there are, those that all may read who can read these rooms; of these labels, where any are
    given, in whatever case they are written."""
    c = knowledge.c
    there = [Shelf(*row) for row in connection.execute(select(c.guild, c.room, c.labels, c.language).distinct())]
    wanted = {shelf.guild for shelf in there if shelf.guild is not None} - set(guilds)
    within = {*guilds, *_guilds(connection, rooms, wanted)} if wanted else set(guilds)
    sought = {_alike(label) for label in labels}
    return tuple(
        shelf
        for shelf in there
        if (shelf.guild is None or shelf.guild in within)
        and (shelf.room is None or shelf.room in rooms)
        and (not sought or not sought.isdisjoint(_alike(shelf.labels).split("\n")))
    )


def _guilds(connection: Connection, rooms: Collection[str], wanted: Collection[str]) -> set[str]:
    """Those of the wanted guilds that have one of these rooms."""
    found: set[str] = set()
    for some in batches(rooms):
        rows = connection.execute(
            select(places.c.platform, places.c.guild).where(places.c.key.in_(some), places.c.guild.is_not(None))
        )
        found |= {f"{row.platform}:{row.guild}" for row in rows}
    return found & set(wanted)


def posted(
    connection: Connection, sought: Sequence[str], shelves: Sequence[Shelf], latest: Latest[Readable]
) -> tuple[list[Posted], Readable]:
    """Where these words stand, and all of what is on these shelves. Of other documents `best` counts nothing."""
    t, counted = knowledge_terms.c, census(connection)
    there = latest.of((counted, tuple(shelves)), lambda: readable(_corpora(connection, shelves)))
    if not len(there.documents):
        return [], there
    counts = func.length(t.postings, type_=Integer) // BYTES
    asked = (
        select(t.term, numbers(t.document), numbers(counts), octets(connection, t.postings))
        .where(t.term.in_(sought[:MOST_SOUGHT]))
        .group_by(t.term)
    )
    values: dict[str, Any] = {}
    if len(there.documents) * FEW < counted.documents:
        asked = asked.where(among(connection.dialect.name, t.document, "documents"))
        values["documents"] = many(connection, there.documents.tolist())
    found = connection.execute(asked, values)
    return [Posted(term=row[0], documents=row[1], counts=row[2], postings=row[3]) for row in found], there


def _corpora(connection: Connection, shelves: Sequence[Shelf]) -> list[Corpus]:
    c, corpora = knowledge.c, list[Corpus]()
    for some in batches(shelves):
        whole = select(func.sum(c.length), numbers(c.id), numbers(c.chunks), octets(connection, c.lengths))
        length, documents, chunks, lengths = connection.execute(whole.where(on(some))).one()
        if documents:
            corpora.append(Corpus(length=int(length), documents=documents, chunks=chunks, lengths=lengths))
    return corpora


def passages(connection: Connection, spots: Sequence[Spot], shelves: Sequence[Shelf]) -> tuple[Match, ...]:
    """In this order; those that have gone since are left out."""
    numbers_of = {spot.document for spot in spots}
    of = _made_of(connection, numbers_of)
    found: dict[Spot, Match] = {}
    allowed = {(shelf.guild, shelf.room) for shelf in shelves}
    sought = {"documents": many(connection, numbers_of), "spots": many(connection, [_number(spot) for spot in spots])}
    known = {row.id: row for row in connection.execute(_NAMED[connection.dialect.name], sought)}
    for row in connection.execute(_PASSAGES[connection.dialect.name], sought):
        of_it = known.get(row.document)
        if of_it is not None and (of_it.guild, of_it.room) in allowed:
            match = Match(
                document=_to_known(of_it),
                chunk=Chunk(text=row.text, where=row.heading),
                position=row.position,
                of=of.get(row.document, ()),
            )
            found[Spot(row.document, row.position)] = match
    return tuple(found[spot] for spot in spots if spot in found)


def _made_of(connection: Connection, documents: Collection[int]) -> Mapping[int, tuple[Whose, ...]]:
    """Whose words these documents are made of; those of files and pages are nobody's."""
    c, found = knowledge_said.c, defaultdict[int, tuple[Whose, ...]](tuple)
    for some in batches(documents):
        asked = select(c.document, c.message, c.author).where(c.document.in_(some)).order_by(c.document, c.message)
        for row in connection.execute(asked):
            found[row.document] += (Whose(message=row.message, author=row.author),)
    return found


def on(shelves: Sequence[Shelf]) -> ColumnElement[bool]:
    """Which documents stand on these."""
    c = knowledge.c
    return or_(
        *(
            and_(
                c.guild.is_not_distinct_from(each.guild),
                c.room.is_not_distinct_from(each.room),
                c.labels == each.labels,
                c.language == each.language,
            )
            for each in shelves
        )
    )


def _number(spot: Spot) -> int:
    """It in one number."""
    return spot.document * _POSITIONS + spot.position


def _alike(labels: str) -> str:
    """As people write it who do not mind case, nor how letters with accents are made up."""
    return unicodedata.normalize("NFKC", labels).casefold()


def _joined(labels: Collection[str]) -> str:
    return "\n".join(sorted(" ".join(label.split()) for label in labels))


def _documents() -> Any:
    return select(*(knowledge.c[name] for name in _KEPT))


def _to_known(row: Row[Any]) -> Known:
    return Known(
        key=row.key,
        name=row.name,
        title=row.title,
        readers=Readers(guild=row.guild, room=row.room),
        digest=row.digest,
        read_at=row.read_at,
        url=row.url,
        stamp=row.stamp,
        language=row.language,
        labels=frozenset(filter(None, row.labels.split("\n"))),
        failing_since=row.failing_since,
    )


_NAMED = by_dialect(
    lambda dialect: _documents().add_columns(knowledge.c.id).where(among(dialect, knowledge.c.id, "documents"))
)


def _at_spots(dialect: str) -> Any:
    c, spots = knowledge_chunks.c, given(dialect, "spots")
    at = and_(c.document == spots.c.value // _POSITIONS, c.position == spots.c.value % _POSITIONS)
    return select(knowledge_chunks).select_from(spots.join(knowledge_chunks, at))


_PASSAGES = by_dialect(_at_spots)

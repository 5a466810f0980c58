"""What was added to the knowledge by people, and documents made of what was said, which go with any of its messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, or_, select, update

from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.digests import TOLD
from bot.storage.knowledge import Indexed, save
from bot.storage.knowledge_tables import knowledge, knowledge_said, knowledge_sources
from bot.storage.places import opted_out
from bot.storage.tables import messages, places
from bot.storage.transcript import message_columns, to_message
from bot.talk.added import Added, AddedKind, Adding, SaidIn, number_of
from bot.talk.knowledge import Known, Readers
from bot.talk.message import Message, Place


def sources(connection: Connection) -> tuple[Added, ...]:
    """In the order in which they were added."""
    return _sources(connection, select(knowledge_sources).order_by(knowledge_sources.c.id))


def _sources(connection: Connection, which: Select[*tuple[Any, ...]]) -> tuple[Added, ...]:
    return tuple(
        Added(
            number=row.id,
            source=Adding(
                kind=AddedKind(row.kind),
                at=row.added_at,
                place=row.place,
                guild=row.guild_of,
                readers=Readers(guild=row.guild, room=row.room),
                url=row.url,
                title=row.title,
                text=row.text,
                by=row.by,
            ),
        )
        for row in connection.execute(which)
    )


def add(connection: Connection, source: Adding) -> Added:
    made = connection.execute(
        knowledge_sources.insert()
        .values(
            kind=source.kind.value,
            place=source.place,
            guild_of=source.guild,
            guild=source.readers.guild,
            room=source.readers.room,
            url=source.url,
            title=source.title,
            text=source.text,
            by=source.by,
            added_at=source.at,
        )
        .returning(knowledge_sources.c.id)
    ).scalar_one()
    return Added(number=made, source=source)


def drop(connection: Connection, number: int) -> bool:
    """With its documents."""
    found = next((each for each in sources(connection) if each.number == number), None)
    if found is None:
        return False
    _drop(connection, [found])
    return True


def _drop(connection: Connection, gone: Collection[Added]) -> None:
    for each in gone:
        # First, so that what is just being made of it is waited for.
        connection.execute(delete(knowledge_sources).where(knowledge_sources.c.id == each.number))
        documents = or_(knowledge.c.key == each.key, knowledge.c.key.startswith(f"{each.key} ", autoescape=True))
        connection.execute(delete(knowledge).where(documents))


def save_known(connection: Connection, document: Known, indexed: Indexed, said: Sequence[SaidIn]) -> bool:
    """False, and nothing is kept, where what was added is taken back by now, one of the messages is gone, or its author
    does not allow it."""
    if said:
        guard_words(connection, forgetting=False)
        if opted_out(connection, {each.author for each in said}) or _gone(connection, said):
            return False
    if not _stands(connection, document.key, {each.message for each in said}):
        return False
    made = save(connection, document, indexed)
    rows = [
        {
            "document": made,
            "platform": each.platform,
            "message": each.message,
            "author": each.author,
            "place": each.place,
        }
        for each in said
    ]
    for some in batches(rows):
        connection.execute(knowledge_said.insert(), some)
    return True


def _stands(connection: Connection, key: str, said: Collection[str]) -> bool:
    """Whether it may be made of these messages; what was added stays to the end of the transaction."""
    number = number_of(key)
    if number is None:
        return True
    which = select(knowledge_sources).where(knowledge_sources.c.id == number).with_for_update(read=True)
    found = _sources(connection, which)
    return bool(found) and found[0].taken_back.isdisjoint(said)


def _gone(connection: Connection, said: Sequence[SaidIn]) -> bool:
    for platform in {each.platform for each in said}:
        for some in batches([each.message for each in said if each.platform == platform]):
            erased = select(messages.c.seq).where(
                messages.c.platform == platform, messages.c.id.in_(some), messages.c.body.is_(None)
            )
            if connection.execute(erased.limit(1)).first() is not None:
                return True
    return False


def said_in(connection: Connection, place: Place, *, limit: int) -> tuple[Message, ...]:
    """What is kept of what people said to all there, the first first, at most so many."""
    rows = connection.execute(
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .where(messages.c.place == place.key, *TOLD)
        .order_by(messages.c.sent_at, messages.c.seq)
        .limit(limit)
    )
    return tuple(to_message(row) for row in rows.mappings())


def forget_said(connection: Connection, platform: str, ids: Collection[str]) -> None:
    """Documents made of any of these messages."""
    for some in batches(ids):
        _forget(connection, knowledge_said.c.message.in_(some), knowledge_said.c.platform == platform)


def forget_said_of(connection: Connection, person: str) -> None:
    """Documents made of anything that they said."""
    _forget(connection, knowledge_said.c.author == person)


def forget_pinned_of(connection: Connection, person: str) -> None:
    """What they said and is pinned is not read again: it still stands on the platform. Before its documents go."""
    made = select(knowledge.c.key, knowledge_said.c.message).join(
        knowledge_said, knowledge_said.c.document == knowledge.c.id
    )
    for key, message in connection.execute(made.where(knowledge_said.c.author == person)).all():
        which = (knowledge_sources.c.id == number_of(key), knowledge_sources.c.kind == AddedKind.PINS.value)
        more = knowledge_sources.c.text + f" {message}"
        connection.execute(update(knowledge_sources).where(*which).values(text=more))


def forget_adder(connection: Connection, person: str) -> None:
    """What they added for the community stays, as nobody's."""
    connection.execute(update(knowledge_sources).where(knowledge_sources.c.by == person).values(by=""))


def forget_added(
    connection: Connection, *, places: Collection[str] = (), guild: str | None = None, own: bool = True
) -> None:
    """What was said in these places, and what was added of them; with `own` also what was added for those who can read
    them, and what was added of the guild."""
    for some in batches(places):
        _forget(connection, knowledge_said.c.place.in_(some))
    found = sources(connection)
    _drop(
        connection,
        [
            each
            for each in found
            if each.source.place in places
            or (own and each.source.readers.room in places)
            or (guild is not None and guild in (each.source.guild, each.source.readers.guild))
        ],
    )


def _forget(connection: Connection, *which: ColumnElement[bool]) -> None:
    made: Select[tuple[int]] = select(knowledge_said.c.document).where(*which)
    connection.execute(delete(knowledge).where(knowledge.c.id.in_(made)))

"""Files that were posted beside messages, found in the messages themselves: what is deleted there is gone here, too."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, text

from bot.ports.seen import PostedFile
from bot.storage.batches import batches
from bot.storage.codec import HAS_FILES
from bot.storage.places import place_columns, to_place
from bot.storage.tables import messages, places
from bot.storage.transcript import MADE_OF_A_PRESS, OF_WHO_ALLOWS_IT, SAID_TO_ALL, message_columns, to_message

MOST_LOOKED = 2_000
"""Messages with files that are looked through for a name, the latest first."""

AT_A_TIME = 200


def posted_files(
    connection: Connection, rooms: Collection[str], *, name: str, message: str, asking: str, limit: int
) -> tuple[PostedFile, ...]:
    wanted = _folded(name)
    exact: list[PostedFile] = []
    others: list[PostedFile] = []
    seqs = _seqs(connection, _within(connection, rooms), message=message, asking=asking)
    for file in _files(connection, seqs):
        known = _folded(file.attachment.name)
        if wanted in known:
            (exact if wanted in ("", known) else others).append(file)
        if len(exact) >= limit:
            break
    return tuple([*exact, *others][:limit])


def _within(connection: Connection, rooms: Collection[str]) -> list[str]:
    """Keys of the places that those who can read these rooms can read."""
    ids: dict[str, list[str]] = defaultdict(list)
    for room in rooms:
        platform, _, id_ = room.partition(":")
        ids[platform].append(id_)
    found: set[str] = set()
    for platform, theirs in ids.items():
        for some in batches(theirs):
            of_room = or_(places.c.id.in_(some), places.c.parent.in_(some))
            rows = connection.execute(
                select(places.c.key, *place_columns()).where(places.c.platform == platform, of_room)
            )
            found |= {row["key"] for row in rows.mappings() if to_place(row).room in rooms}
    return sorted(found)


def _seqs(connection: Connection, within: Collection[str], *, message: str, asking: str) -> list[int]:
    found: list[int] = []
    for some in batches(within):
        query = (
            select(messages.c.seq)
            .where(
                messages.c.place.in_(some),
                _has_files(connection),
                or_(
                    and_(messages.c.transient.is_(False), *SAID_TO_ALL),
                    # What was made of a press holds the files of its question once more, for where those are not kept.
                    and_(
                        messages.c.id == asking,
                        or_(messages.c.transient.is_(True), messages.c.addressed.not_in(MADE_OF_A_PRESS)),
                    ),
                ),
                OF_WHO_ALLOWS_IT,
            )
            .order_by(messages.c.seq.desc())
            .limit(MOST_LOOKED)
        )
        found += connection.execute(query if not message else query.where(messages.c.id == message)).scalars()
    return sorted(found, reverse=True)[:MOST_LOOKED]


def _files(connection: Connection, seqs: list[int]) -> Iterator[PostedFile]:
    for start in range(0, len(seqs), AT_A_TIME):
        some = seqs[start : start + AT_A_TIME]
        rows: Any = connection.execute(
            select(*message_columns())
            .join(places, places.c.key == messages.c.place)
            .where(messages.c.seq.in_(some))
            .order_by(messages.c.seq.desc())
        ).mappings()
        for message in map(to_message, rows.all()):
            for attachment in message.attachments:
                yield PostedFile(
                    attachment=attachment,
                    message=message.id,
                    place=message.place,
                    author=message.author.name,
                    author_key=message.author.key,
                    sent_at=message.sent_at,
                )


def _has_files(connection: Connection) -> ColumnElement[bool]:
    """The words of the index's own condition: the databases compare them."""
    return text(HAS_FILES[connection.dialect.name])  # pyright: ignore[reportReturnType] # a condition, as text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()

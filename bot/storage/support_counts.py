"""Numbers of a day, by room and language. They hold no words and name nobody, so that retention and "forget me" leave
them as they are; they go with the place and the guild."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Connection, select, update

from bot.storage.places import insert, place_columns, save_place, to_place
from bot.storage.tables import places, support_counts
from bot.talk.message import Place
from bot.talk.oversight import Count, Counted

LANGUAGE_CHARS = 35
"""Of a language's tag, at most: so long is the longest that BCP 47 promises to carry."""


def add(connection: Connection, room: Place, what: Counted, *, language: str, at: datetime) -> None:
    save_place(connection, room)
    add_known(connection, room.key, what, language=language, at=at)


def add_known(connection: Connection, room: str, what: Counted, *, language: str, at: datetime) -> None:
    """Nothing where the room (by key) is not known any more: nobody could be told of it."""
    if connection.execute(select(places.c.key).where(places.c.key == room)).first() is None:
        return
    key = {"room": room, "day": _day(at), "language": language[:LANGUAGE_CHARS], "what": what.value}
    new = insert(connection, support_counts).values(**key, number=1)
    more = {"number": support_counts.c.number + 1}
    connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=more))


def take_back(connection: Connection, room: str, what: Counted, *, language: str, at: datetime) -> None:
    """One less of what was counted then."""
    connection.execute(
        update(support_counts)
        .where(
            support_counts.c.room == room,
            support_counts.c.day == _day(at),
            support_counts.c.language == language[:LANGUAGE_CHARS],
            support_counts.c.what == what.value,
            support_counts.c.number > 0,
        )
        .values(number=support_counts.c.number - 1)
    )


def counts(connection: Connection, platform: str, guild: str | None, *, first: date, last: date) -> tuple[Count, ...]:
    here = places.c.guild.is_(None) if guild is None else places.c.guild == guild
    rows = connection.execute(
        select(support_counts, *place_columns())
        .join(places, places.c.key == support_counts.c.room)
        .where(places.c.platform == platform, here, _between(first, last))
        .order_by(support_counts.c.room, support_counts.c.day, support_counts.c.language, support_counts.c.what)
    )
    return tuple(
        Count(
            room=to_place(row),
            day=date.fromordinal(row["day"]),
            language=row["language"],
            what=Counted(row["what"]),
            number=row["number"],
        )
        for row in rows.mappings()
    )


def guilds(connection: Connection, *, first: date, last: date) -> Collection[tuple[str, str | None]]:
    rows = connection.execute(
        select(places.c.platform, places.c.guild)
        .join(support_counts, support_counts.c.room == places.c.key)
        .where(_between(first, last))
        .distinct()
    )
    return {(row.platform, row.guild) for row in rows}


def _day(at: datetime) -> int:
    return at.astimezone(UTC).date().toordinal()


def _between(first: date, last: date) -> ColumnElement[bool]:
    return support_counts.c.day.between(first.toordinal(), last.toordinal())

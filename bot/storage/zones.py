"""The time zone that a person has chosen."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from bot.storage.connection import Connections, guard_words
from bot.storage.places import insert
from bot.storage.tables import people


def timezone(connection: Connection, person: str) -> str | None:
    return connection.execute(select(people.c.timezone).where(people.c.key == person)).scalar()


def save_timezone(connection: Connection, person: str, zone: str | None) -> None:
    guard_words(connection, forgetting=False)
    new = insert(connection, people).values(key=person, opted_out=False, timezone=zone)
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_={"timezone": new.excluded.timezone}))


def forget_timezone(connection: Connection, person: str) -> None:
    """Who has opted out stays known."""
    connection.execute(delete(people).where(people.c.key == person, people.c.opted_out.is_(False)))
    connection.execute(update(people).where(people.c.key == person).values(timezone=None))


class SqlZones:
    """Implements `bot.ports.reminders.ZoneStore`."""

    _db: Connections

    async def timezone(self, person: str) -> str | None:
        return await self._db.read(lambda c: timezone(c, person))

    async def save_timezone(self, person: str, zone: str | None) -> None:
        await self._db.write(lambda c: save_timezone(c, person, zone))

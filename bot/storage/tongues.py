"""Languages: those that are pinned, and those that people last wrote in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select

from bot.ports.languages import HISTORY
from bot.storage.batches import batches
from bot.storage.connection import Connections, guard_words
from bot.storage.places import has_opted_out, insert, save_place
from bot.storage.tables import language_pins, languages_spoken
from bot.talk.language import Languages, Pins
from bot.talk.message import Place, PlaceKind


def languages(connection: Connection, place: Place, person: str) -> Languages:
    wanted = {
        (Pins.PERSON.value, person),
        (Pins.PLACE.value, place.key),
        (Pins.PLACE.value, place.key if place.channel is None else place.channel.key),
    }
    server = guild_key(place.platform, place.guild)
    if place.kind is not PlaceKind.DIRECT:  # no server is everybody's there
        wanted.add((Pins.GUILD.value, server))
    rows = connection.execute(
        select(language_pins).where(
            or_(*(and_(language_pins.c.pins == pins, language_pins.c.key == key) for pins, key in sorted(wanted)))
        )
    )
    found = {(row.pins, row.key): str(row.language) for row in rows}
    channel = place.channel
    over = "" if channel is None else found.get((Pins.PLACE.value, channel.key), "")
    return Languages(
        person=found.get((Pins.PERSON.value, person), ""),
        place=found.get((Pins.PLACE.value, place.key), "") or over,
        guild=found.get((Pins.GUILD.value, server), ""),
        before=_before(connection, person),
    )


def _before(connection: Connection, person: str) -> tuple[str, ...]:
    if not person:
        return ()
    one = select(languages_spoken.c.languages).where(languages_spoken.c.person == person)
    return tuple((connection.execute(one).scalar() or "").split())


def pin(connection: Connection, pins: Pins, place: Place, person: str, tag: str | None) -> None:
    guard_words(connection, forgetting=False)
    key = {
        Pins.PERSON: person,
        Pins.PLACE: place.key,
        Pins.GUILD: guild_key(place.platform, place.guild),
    }[pins]
    if tag is None:
        connection.execute(delete(language_pins).where(language_pins.c.pins == pins.value, language_pins.c.key == key))
        return
    if pins is Pins.PLACE:
        save_place(connection, place)  # so that it is found when its server goes
    new = insert(connection, language_pins).values(pins=pins.value, key=key, language=tag)
    connection.execute(
        new.on_conflict_do_update(index_elements=["pins", "key"], set_={"language": new.excluded.language})
    )


def note(connection: Connection, person: str, tag: str, *, at: datetime) -> None:
    guard_words(connection, forgetting=False)
    if has_opted_out(connection, person):
        return
    last = " ".join([*_before(connection, person), tag][-HISTORY:])
    new = insert(connection, languages_spoken).values(person=person, languages=last, noted_at=at)
    fresh = {"languages": new.excluded.languages, "noted_at": new.excluded.noted_at}
    connection.execute(new.on_conflict_do_update(index_elements=["person"], set_=fresh))


def forget_languages(connection: Connection, person: str) -> None:
    connection.execute(
        delete(language_pins).where(language_pins.c.pins == Pins.PERSON.value, language_pins.c.key == person)
    )
    forget_spoken(connection, person)


def forget_spoken(connection: Connection, person: str) -> None:
    connection.execute(delete(languages_spoken).where(languages_spoken.c.person == person))


def forget_pins(connection: Connection, *, guild: str | None = None, places: Collection[str] = ()) -> None:
    """Of a server that we left, or of places that are gone; by key."""
    if guild is not None:
        connection.execute(
            delete(language_pins).where(language_pins.c.pins == Pins.GUILD.value, language_pins.c.key == guild)
        )
    for batch in batches(places):
        connection.execute(
            delete(language_pins).where(language_pins.c.pins == Pins.PLACE.value, language_pins.c.key.in_(batch))
        )


def drop_old_spoken(connection: Connection, *, before: datetime) -> None:
    """Of people who have not written for so long."""
    connection.execute(delete(languages_spoken).where(languages_spoken.c.noted_at < before))


def guild_key(platform: str, guild: str | None) -> str:
    """A platform without servers is one."""
    return f"{platform}:{guild or ''}"


class SqlLanguages:
    """Implements `bot.ports.languages.LanguageStore`."""

    _db: Connections

    async def languages(self, place: Place, person: str = "") -> Languages:
        return await self._db.read(lambda c: languages(c, place, person))

    async def pin_language(self, pins: Pins, place: Place, person: str, tag: str | None) -> None:
        await self._db.write(lambda c: pin(c, pins, place, person, tag))

    async def note_language(self, person: str, tag: str, *, at: datetime) -> None:
        await self._db.write(lambda c: note(c, person, tag, at=at))

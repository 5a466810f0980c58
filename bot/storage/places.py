"""What may be kept: places with their policies, and people with their consent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.schema import Table

from bot.storage.connection import guard_words
from bot.storage.tables import people, places
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Ambient, Consent, Keep, Policy

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
DIALECTS = tuple(_INSERT)
PLACE = (places.c.platform, places.c.id, places.c.kind, places.c.name, places.c.guild, places.c.parent)


def upsert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, to be made before there is a connection."""
    return _INSERT[dialect](table)


def insert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which both dialects write alike but SQLAlchemy keeps apart."""
    return _INSERT[connection.dialect.name](table)


def to_place(row: RowMapping) -> Place:
    """From a row that has the columns of PLACE, labelled `place_…`."""
    return Place(
        platform=row["place_platform"],
        id=row["place_id"],
        kind=PlaceKind(row["place_kind"]),
        name=row["place_name"],
        guild=row["place_guild"],
        parent=row["place_parent"],
    )


def place_columns() -> Iterable[Any]:
    return (column.label(f"place_{column.name}") for column in PLACE)


def _upsert(dialect: str) -> Any:
    new = _INSERT[dialect](places)
    fresh = {
        "kind": new.excluded.kind,
        "name": func.coalesce(func.nullif(new.excluded.name, ""), places.c.name),
        "guild": func.coalesce(new.excluded.guild, places.c.guild),
        "parent": new.excluded.parent,
    }
    changed = or_(*(places.c[name].is_distinct_from(value) for name, value in fresh.items()))
    return new.on_conflict_do_update(index_elements=["key"], set_=fresh, where=changed)


# Made once: building a statement costs more than running it.
_UPSERT = {dialect: _upsert(dialect) for dialect in _INSERT}
_POLICY = select(places).where(places.c.key == bindparam("place"))
_OPTED_OUT = select(people.c.opted_out).where(people.c.key == bindparam("person"))


def save_place(connection: Connection, place: Place) -> None:
    """A name or guild that an event does not carry leaves the known one as it is."""
    connection.execute(
        _UPSERT[connection.dialect.name],
        {
            "key": place.key,
            "platform": place.platform,
            "id": place.id,
            "kind": place.kind.value,
            "name": place.name,
            "guild": place.guild,
            "parent": place.parent,
        },
    )


def known_policy(connection: Connection, place: Place) -> Policy | None:
    """None where the place is unknown or has changed, and is to be saved first."""
    row = connection.execute(_POLICY, {"place": place.key}).mappings().first()
    if row is None:
        return None
    same = (
        row["kind"] == place.kind.value
        and place.name in ("", row["name"])
        and place.guild in (None, row["guild"])
        and place.parent == row["parent"]
    )
    return to_policy(row) if same else None


def policy(connection: Connection, place: Place) -> Policy:
    save_place(connection, place)
    return to_policy(connection.execute(_POLICY, {"place": place.key}).mappings().one())


def to_policy(row: RowMapping) -> Policy:
    return Policy(
        keep=Keep(row["keep"]),
        retention_days=row["retention_days"],
        since=row["since"],
        announced=row["announced"],
        ambient=None if row["ambient"] is None else Ambient(row["ambient"]),
        ambient_tokens=row["ambient_tokens"],
    )


def save_policy(connection: Connection, place: Place, policy: Policy) -> None:
    save_place(connection, place)
    connection.execute(
        places.update()
        .where(places.c.key == place.key)
        .values(
            keep=policy.keep.value,
            retention_days=policy.retention_days,
            since=policy.since,
            announced=policy.announced,
            ambient=None if policy.ambient is None else policy.ambient.value,
            ambient_tokens=policy.ambient_tokens,
        )
    )


def consent(connection: Connection, person: str) -> Consent:
    return Consent(opted_out=has_opted_out(connection, person))


def has_opted_out(connection: Connection, person: str) -> bool:
    return bool(connection.execute(_OPTED_OUT, {"person": person}).scalar())


def save_consent(connection: Connection, person: str, consent: Consent) -> None:
    guard_words(connection, forgetting=True)
    new = insert(connection, people).values(key=person, opted_out=consent.opted_out)
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_={"opted_out": new.excluded.opted_out}))

"""What may be kept: places with their policies, and people with their consent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, MappingResult, RowMapping, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.schema import Table

from bot.storage.batches import batches
from bot.storage.columns import storable
from bot.storage.connection import guard_words
from bot.storage.tables import people, places
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Ambient, Consent, Keep, Policy

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
DIALECTS = tuple(_INSERT)
PLACE = (
    places.c.platform,
    places.c.id,
    places.c.kind,
    places.c.name,
    places.c.guild,
    places.c.parent,
    places.c.open,
)


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
        open=row["place_open"],
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
        "open": or_(new.excluded.open, places.c.open),
    }
    changed = or_(*(places.c[name].is_distinct_from(value) for name, value in fresh.items()))
    return new.on_conflict_do_update(index_elements=["key"], set_=fresh, where=changed)


# Made once: building a statement costs more than running it.
_UPSERT = {dialect: _upsert(dialect) for dialect in _INSERT}
# One alone is most of the time, and a list of values costs twice as much as one value.
_POLICY = select(places).where(places.c.key == bindparam("place"))
_POLICIES = select(places).where(places.c.key.in_(bindparam("keys", expanding=True)))
_KEPT = (
    select(places.c.key, places.c.kind, places.c.name, places.c.guild, places.c.parent, places.c.open)
    .where(places.c.key.in_(bindparam("keys", expanding=True)))
    .with_for_update(read=True, key_share=True)
)
_SILENT = select(people.c.key).where(
    people.c.key.in_(bindparam("people", expanding=True)), people.c.opted_out.is_(True)
)
_OPTED_OUT = select(people.c.opted_out).where(people.c.key == bindparam("person"))


def save_place(connection: Connection, place: Place) -> None:
    """A name or guild that an event does not carry leaves the known one as it is; a thread that was open stays so."""
    save_places(connection, [place])


def save_places(connection: Connection, several: Iterable[Place]) -> None:
    rows = [
        {
            "key": place.key,
            "platform": place.platform,
            "id": place.id,
            "kind": place.kind.value,
            "name": place.name,
            "guild": place.guild,
            "parent": place.parent,
            "open": place.open,
        }
        # In one order everywhere: two transactions would else wait for each other's rows on PostgreSQL.
        for place in sorted(several, key=lambda place: place.key)
    ]
    if rows:
        connection.execute(_UPSERT[connection.dialect.name], rows)


def unsaved(connection: Connection, several: Collection[Place]) -> Collection[Place]:
    """Those that are unknown or have changed; one alone is not worth asking. The others stay to the end of the
    transaction."""
    if len(several) == 1:
        return several
    found: list[Place] = []
    for some in batches(several):
        kept = connection.execute(_KEPT, {"keys": [place.key for place in some]}).mappings()
        rows = {row["key"]: row for row in kept}
        found += [place for place in some if not _same(place, rows.get(place.key))]
    return found


def known_policy(connection: Connection, place: Place) -> Policy | None:
    """None where the place is unknown or has changed, and is to be saved first."""
    return known_policies(connection, [place]).get(place.key)


def known_policies(connection: Connection, several: Iterable[Place]) -> dict[str, Policy]:
    """By key, of those that are known and have not changed; the others are to be saved first."""
    found: dict[str, Policy] = {}
    for some in batches(several):
        by_key = {place.key: place for place in some}
        rows = _policy_rows(connection, list(by_key))
        found |= {row["key"]: to_policy(row) for row in rows if _same(by_key[row["key"]], row)}
    return found


def unkept(connection: Connection, several: Iterable[Place]) -> set[str]:
    """Those of these places (keys) of which nothing may be kept."""
    wanted = {place.key: place for place in several}
    channels = {channel.key for place in wanted.values() if (channel := place.channel) is not None}
    keep: dict[str, str] = {}
    for some in batches(wanted.keys() | channels):
        keep |= {row["key"]: row["keep"] for row in _policy_rows(connection, list(some))}

    def counts(place: Place) -> str | None:
        own, whole = keep.get(place.key), None if place.channel is None else keep.get(place.channel.key)
        return whole if whole is not None and own == Keep.MENTIONED.value else own

    return {key for key, place in wanted.items() if counts(place) == Keep.NEVER.value}


def _same(place: Place, row: RowMapping | None) -> bool:
    return (
        row is not None
        and row["kind"] == place.kind.value
        and storable(place.name) in ("", row["name"])
        and place.guild in (None, row["guild"])
        and place.parent == row["parent"]
        and (row["open"] or not place.open)
    )


def policy(connection: Connection, place: Place) -> Policy:
    save_place(connection, place)
    return to_policy(_policy_rows(connection, [place.key]).one())


def _policy_rows(connection: Connection, keys: list[str]) -> MappingResult:
    if len(keys) == 1:
        return connection.execute(_POLICY, {"place": keys[0]}).mappings()
    return connection.execute(_POLICIES, {"keys": keys}).mappings()


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


def opted_out(connection: Connection, several: Iterable[str]) -> set[str]:
    """Those of these people, as `Person.key`, who have opted out."""
    silent: set[str] = set()
    for some in batches(several):
        if len(some) == 1:
            silent.update(some if has_opted_out(connection, some[0]) else ())
        else:
            silent.update(connection.execute(_SILENT, {"people": some}).scalars())
    return silent


def save_consent(connection: Connection, person: str, consent: Consent) -> None:
    guard_words(connection, forgetting=True)
    new = insert(connection, people).values(key=person, opted_out=consent.opted_out)
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_={"opted_out": new.excluded.opted_out}))

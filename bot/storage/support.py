"""How support channels are set up: the set-ups that count, and those that somebody was shown and has not saved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.places import insert, place_columns, save_place, to_place
from bot.storage.support_codec import dump_channel, load_channel
from bot.storage.tables import places, support_channels, support_set_ups
from bot.talk.message import Place
from bot.talk.support import SetUp, SupportChannel

SHOWN_FOR = timedelta(days=1)
"""So long a set-up that was shown can be saved."""


def of(connection: Connection, place: Place) -> SupportChannel | None:
    key = place.key if place.channel is None else place.channel.key
    found = _channels(connection, support_channels.c.place == key)
    return found[0] if found else None


def among(connection: Connection, platform: str | None, guild: str | None) -> Sequence[SupportChannel]:
    return _channels(
        connection,
        *([] if platform is None else [places.c.platform == platform]),
        *([] if guild is None else [places.c.guild == guild]),
    )


def at(connection: Connection, keys: Collection[str]) -> Sequence[SupportChannel]:
    """Those of these places."""
    return [each for batch in batches(keys) for each in _channels(connection, support_channels.c.place.in_(batch))]


def _channels(connection: Connection, *which: ColumnElement[bool]) -> list[SupportChannel]:
    rows = connection.execute(
        select(support_channels.c.body, *place_columns())
        .join(places, places.c.key == support_channels.c.place)
        .where(*which)
        .order_by(support_channels.c.place)
    )
    return [load_channel(row["body"], to_place(row)) for row in rows.mappings()]


def save(connection: Connection, channel: SupportChannel) -> None:
    save_place(connection, channel.place)
    body = dump_channel(channel)
    new = insert(connection, support_channels).values(place=channel.place.key, body=body)
    connection.execute(new.on_conflict_do_update(index_elements=["place"], set_={"body": body}))


def drop(connection: Connection, place: Place) -> bool:
    connection.execute(delete(support_set_ups).where(support_set_ups.c.place == place.key))
    return connection.execute(delete(support_channels).where(support_channels.c.place == place.key)).rowcount > 0


def save_set_up(connection: Connection, set_up: SetUp, *, at: datetime) -> None:
    guard_words(connection, forgetting=False)
    place = set_up.channel.place
    save_place(connection, place)
    c = support_set_ups.c
    same = (c.place == place.key) & (c.owner == set_up.by)
    connection.execute(delete(support_set_ups).where(or_(same, c.at < at - SHOWN_FOR)))
    connection.execute(
        support_set_ups.insert().values(
            id=set_up.id,
            place=place.key,
            owner=set_up.by,
            body=dump_channel(set_up.channel),
            seen=None if set_up.seen is None else dump_channel(set_up.seen),
            at=at,
        )
    )


def set_up(connection: Connection, set_up_id: str, *, now: datetime) -> SetUp | None:
    c = support_set_ups.c
    row = (
        connection.execute(
            select(c.id, c.owner, c.body, c.seen, *place_columns())
            .join(places, places.c.key == c.place)
            .where(c.id == set_up_id, c.at >= now - SHOWN_FOR)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    place = to_place(row)
    seen = None if row["seen"] is None else load_channel(row["seen"], place)
    return SetUp(id=row["id"], by=row["owner"], channel=load_channel(row["body"], place), seen=seen)


def drop_set_up(connection: Connection, set_up_id: str) -> None:
    connection.execute(delete(support_set_ups).where(support_set_ups.c.id == set_up_id))


def take_set_up(connection: Connection, set_up: SetUp) -> bool:
    """Of two who save at once the second finds what the first has saved."""
    key = set_up.channel.place.key
    # The place is held: a channel that was not set up has no row of its own to hold.
    connection.execute(select(places.c.key).where(places.c.key == key).with_for_update())
    shown = connection.execute(
        select(support_set_ups.c.id).where(support_set_ups.c.id == set_up.id).with_for_update()
    ).scalar()
    there = of(connection, set_up.channel.place)
    if shown is None or there != set_up.seen:
        return False
    save(connection, set_up.channel)
    drop_set_up(connection, set_up.id)
    return True


def drop_old_set_ups(connection: Connection, *, now: datetime) -> None:
    connection.execute(delete(support_set_ups).where(support_set_ups.c.at < now - SHOWN_FOR))


def forget_set_ups(connection: Connection, person: str) -> None:
    connection.execute(delete(support_set_ups).where(support_set_ups.c.owner == person))

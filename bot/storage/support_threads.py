"""Questions of a channel that are answered in threads of their own: which messages belong to which thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, update

from bot.storage.connection import guard_words
from bot.storage.outbox import shown_by
from bot.storage.places import insert, place_columns, policy, save_place, save_policy, to_place
from bot.storage.support_talks import talk
from bot.storage.tables import messages, places, support_answers, support_talks, turns
from bot.talk.message import Addressed, Message, Place, PlaceKind
from bot.talk.support import Talk

_T = support_talks.c


def home(connection: Connection, platform: str, message: str) -> tuple[Place, Addressed] | None:
    row = (
        connection.execute(
            select(messages.c.addressed, *place_columns())
            .join(places, places.c.key == messages.c.place)
            .where(messages.c.platform == platform, messages.c.id == message, messages.c.above.is_(True))
        )
        .mappings()
        .first()
    )
    return None if row is None else (to_place(row), Addressed(row["addressed"]))


def homes(connection: Connection, platform: str, ids: Collection[str]) -> Collection[Place]:
    rows = connection.execute(
        select(*place_columns())
        .join(messages, messages.c.place == places.c.key)
        .where(messages.c.platform == platform, messages.c.id.in_(ids), messages.c.above.is_(True))
        .distinct()
    )
    return [to_place(row) for row in rows.mappings()]


def author_of(connection: Connection, place: Place, message: str) -> str | None:
    ours = shown_by(connection, place, message)
    asked = message if ours is None else ours.delivery.reply_to
    which = (messages.c.platform == place.platform, messages.c.id == asked)
    return connection.execute(select(messages.c.author).where(*which)).scalar()


def latest_thread(connection: Connection, channel: Place, asker: str, *, since: datetime) -> Talk | None:
    row = connection.execute(
        select(_T.place)
        .join(places, places.c.key == _T.place)
        .where(
            _T.asker == asker,
            _T.spoken_at > since,
            places.c.platform == channel.platform,
            places.c.parent == channel.id,
            places.c.kind == PlaceKind.THREAD.value,
            # One that was opened for a question, not one that people opened.
            exists().where(messages.c.place == places.c.key, messages.c.above.is_(True)),
        )
        .order_by(_T.spoken_at.desc())
        .limit(1)
    ).scalar()
    if row is None:
        return None
    found = connection.execute(select(*place_columns()).where(places.c.key == row)).mappings().one()
    return talk(connection, to_place(found), asker)


def is_begun(connection: Connection, platform: str, ids: Collection[str]) -> bool:
    begun = select(turns.c.id).join(messages, messages.c.seq == turns.c.message)
    which = (messages.c.platform == platform, messages.c.id.in_(ids))
    return connection.execute(begun.where(*which).limit(1)).scalar() is not None


def move(connection: Connection, asked: Collection[Message], thread: Place) -> Talk | None:
    """All at once, with how it stands with whoever asks and with what is held against their limits."""
    guard_words(connection, forgetting=False)
    first = next(iter(asked))
    channel, asker, ids = first.place, first.author.key, [each.id for each in asked]
    save_place(connection, thread)
    moved = connection.execute(
        update(messages)
        .where(
            messages.c.platform == channel.platform,
            messages.c.id.in_(ids),
            messages.c.place == channel.key,
            messages.c.pending.is_(True),
            ~exists().where(turns.c.message == messages.c.seq),
        )
        .values(place=thread.key, above=True)
    ).rowcount
    if not moved:
        return None
    _move_talk(connection, channel, thread, asker, at=max(each.sent_at for each in asked))
    _keep_as(connection, channel, thread)
    counted = (support_answers.c.platform == channel.platform, support_answers.c.message.in_(ids))
    connection.execute(update(support_answers).where(*counted).values(place=thread.key))
    return talk(connection, thread, asker)


def _keep_as(connection: Connection, channel: Place, thread: Place) -> None:
    """Its question is the first one of the thread, and whoever reads that was told in the channel what is kept."""
    own, whole = policy(connection, thread), policy(connection, channel)
    since, announced = own.since or whole.since, own.announced or whole.announced
    if (since, announced) != (own.since, own.announced):
        save_policy(connection, thread, replace(own, since=since, announced=announced))


def _move_talk(connection: Connection, channel: Place, thread: Place, asker: str, *, at: datetime) -> None:
    before = (_T.place == channel.key, _T.asker == asker)
    known = connection.execute(select(support_talks).where(*before)).mappings().first()
    fresh = {"spoken_at": at, "silence": None, "changed_at": at, "told": False, "overruled": "", "counted_from": None}
    values = fresh if known is None else {name: known[name] for name in fresh}
    new = insert(connection, support_talks).values(place=thread.key, asker=asker, **values)
    connection.execute(new.on_conflict_do_nothing(index_elements=["place", "asker"]))
    later = (_T.place == thread.key, _T.asker == asker, _T.spoken_at < at)
    connection.execute(update(support_talks).where(*later).values(spoken_at=at))
    connection.execute(delete(support_talks).where(*before))

"""Which threads of linked channels are each other's counterparts.

A thread has the id of the message that it begins with. So the counterpart of a thread is the one that begins with the
counterpart of that message, whoever made it; to make it twice is impossible where it begins with a message that stands
there already. A family is named after the message with which its first thread began.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, or_, select, update

from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.mirror_counterparts import copy_shown, counterpart_of, held
from bot.storage.mirror_rows import copy_row
from bot.storage.mirror_shapes import hold, makes_post, note_beginning, note_begun, note_shape
from bot.storage.places import has_opted_out, insert
from bot.storage.tables import deliveries, mirror_copies, mirror_threads, places, shown
from bot.talk.delivery import DeliveryState
from bot.talk.message import Place, PlaceKind
from bot.talk.mirror import HEAD, Carried, Copy, Way
from bot.talk.shape import Shape

GONE: dict[str, Any] = {"opened": True, "gone": True, "followed": None, "owing": False}

_c, _t = mirror_copies.c, mirror_threads.c
_KNOWN = select(_t.family, _t.gone).where(_t.thread == bindparam("key"))
_THERE = select(_t.thread, _t.opened, _t.gone).where(_t.family == bindparam("of"), _t.side == bindparam("at"))
_STANDS = (
    select(deliveries.c.place, shown.c.message)
    .join(shown, shown.c.delivery == deliveries.c.id)
    .where(deliveries.c.id == bindparam("sent"))
    .order_by(func.length(shown.c.message), shown.c.message)
)
_TITLE = select(places.c.name).where(places.c.key == bindparam("key"))


def way_into(connection: Connection, copy: Copy, *, forum: bool, shape: Shape | None = None, at: datetime) -> Way:
    guard_words(connection, forgetting=False)
    title = _title(connection, copy, shape)
    family = _family(connection, copy)
    if family is None:
        return Way(title=title, waits=True)
    note_shape(connection, copy.source.key, shape or Shape(title=title))
    way = replace(_way(connection, copy, family, forum=forum), title=title)
    if not (way.opened or way.closed):
        way = replace(way, tags=note_beginning(connection, copy, title, at=at))
    return way


def _way(connection: Connection, copy: Copy, family: str, *, forum: bool) -> Way:
    there = connection.execute(_THERE, {"of": family, "at": copy.target.key}).first()
    refused = there is not None and there.gone and not there.opened
    begins_with = None if there is not None and there.opened else _beginning(connection, copy, family, refused=refused)
    if refused and begins_with is None:
        return Way()
    if there is not None and not there.opened and there.thread != f"{copy.target.platform}:{begins_with}":
        connection.execute(delete(mirror_threads).where(_t.thread == there.thread))  # what it would begin with is gone
        there = None
    if there is not None:
        closed = bool(there.gone)
        return Way(thread=None if closed else _thread(there.thread, copy), opened=there.opened, closed=closed)
    if begins_with is None:
        return Way()
    key = f"{copy.target.platform}:{begins_with}"
    _note(connection, key, family, copy.target, opened=forum)
    return Way(thread=_thread(key, copy), opened=forum)


def head_of(connection: Connection, copy: Copy, words: Carried, *, at: datetime) -> Copy | None:
    """What is to stand in the target so that a thread can begin there; None where it does not, and will not."""
    guard_words(connection, forgetting=False)
    family = _family(connection, copy) or copy.source.key
    head = replace(
        copy, message=HEAD + family.partition(":")[2], taken_at=at, revision=1, saved=0, done=0, reply_to=None
    )
    found = held(connection, head)
    if found is None:
        row = copy_row(head, words, author=_author(connection, copy), sent_at=at)
        connection.execute(insert(connection, mirror_copies).on_conflict_do_nothing(), row)
        found = held(connection, head)
    return found if found is not None and found.done < found.revision and not found.gone else None


def note_opened(connection: Connection, copy: Copy, *, at: datetime) -> None:
    """Where it stands in a thread, that is there. What was taken back before it was sent has begun none."""
    if copy.within is None:
        return
    found = connection.execute(_STANDS, {"sent": copy.delivery}).first()
    if found is None:
        return
    if not copy.begins:
        hold(connection, copy.source.key, found.place)
        which = (_t.thread == found.place, _t.opened.is_(False))
        if connection.execute(update(mirror_threads).where(*which).values(opened=True)).rowcount:
            note_begun(connection, copy, found.place, at=at)
        return
    if not makes_post(connection, copy):
        return
    family = connection.execute(_KNOWN, {"key": copy.source.key}).scalar()
    begun = connection.execute(_THERE, {"of": family, "at": copy.target.key}).first()
    if family is not None and begun is None:  # a post has the id of its first message
        thread = f"{copy.target.platform}:{found.message}"
        _note(connection, thread, family, copy.target, opened=True)
        note_begun(connection, copy, thread, at=at)


def could_not_begin(connection: Connection, copy: Copy) -> bool:
    """Whether its delivery, which was refused, would have begun a thread. That will begin with something else."""
    if copy.within is None or copy.begins:
        return False
    stands = exists().where(shown.c.delivery == copy.delivery)
    into = select(deliveries.c.place).where(deliveries.c.id == copy.delivery, ~stands).scalar_subquery()
    which = (_t.thread == into, _t.opened.is_(False), _t.gone.is_(False))
    return connection.execute(update(mirror_threads).where(*which).values(gone=True)).rowcount > 0


def close_threads(connection: Connection, keys: Collection[str]) -> None:
    """These places are gone: nothing is carried over into these threads any more, or into those of these channels."""
    for batch in batches(keys):
        connection.execute(update(mirror_threads).where(_t.thread.in_(batch)).values(GONE))
        connection.execute(delete(mirror_threads).where(_t.side.in_(batch)))


def forget_threads(connection: Connection, platform: str, guild: str) -> None:
    which = (_t.guild == guild, _t.thread.startswith(f"{platform}:", autoescape=True))
    connection.execute(delete(mirror_threads).where(*which))


def _family(connection: Connection, copy: Copy) -> str | None:
    """Of the thread in which it was said; None while a thread of ours is being made there that may be this one."""
    known = connection.execute(_KNOWN, {"key": copy.source.key}).first()
    if known is not None:
        return str(known.family)
    root = copy_shown(connection, (copy.channel.key,), copy.source.id)
    if root is None and _opening(connection, copy.channel.key):
        return None
    family = copy.source.key if root is None else f"{copy.source.platform}:{root.message.removeprefix(HEAD)}"
    _note(connection, copy.source.key, family, copy.channel, opened=True)
    return family


def _beginning(connection: Connection, copy: Copy, family: str, *, refused: bool) -> str | None:
    """The id of the message in the target with which the counterpart begins, where that stands there. A head is there
    only where none could begin with the family's first message; `refused`: as has turned out now."""
    root, platform = family.partition(":")[2], copy.source.platform
    head = counterpart_of(connection, platform, HEAD + root, copy.target.key)
    if refused or head is not None:
        return head
    said_there = (or_(_c.source == copy.target.key, _c.within == copy.target.key), _c.gone.is_(False))
    asked = select(exists().where(_c.platform == platform, _c.message == root, *said_there))
    if connection.execute(asked).scalar():
        return root
    return counterpart_of(connection, platform, root, copy.target.key)


def _opening(connection: Connection, channel: str) -> bool:
    under_way = deliveries.c.state.in_([DeliveryState.OPEN.value, DeliveryState.READY.value])
    which = exists().where(deliveries.c.place == channel, deliveries.c.opens.is_not(None), under_way)
    return bool(connection.execute(select(which)).scalar())


def _note(connection: Connection, thread: str, family: str, side: Place, *, opened: bool) -> None:
    row = {"thread": thread, "family": family, "side": side.key, "guild": side.guild, "opened": opened, "gone": False}
    connection.execute(insert(connection, mirror_threads).on_conflict_do_nothing(), row)


def _title(connection: Connection, copy: Copy, shape: Shape | None) -> str:
    """Not of who has opted out: it is their words."""
    if shape is not None and has_opted_out(connection, shape.opener):
        return ""
    return (shape and shape.title) or connection.execute(_TITLE, {"key": copy.source.key}).scalar() or ""


def _author(connection: Connection, copy: Copy) -> str | None:
    return connection.execute(select(_c.author).where(_c.seq == copy.seq)).scalar()


def _thread(key: str, copy: Copy) -> Place:
    platform, _, ident = key.partition(":")
    target = copy.target
    return Place(platform=platform, id=ident, kind=PlaceKind.THREAD, guild=target.guild, parent=target.id, open=True)

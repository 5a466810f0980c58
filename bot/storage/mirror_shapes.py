"""What threads of linked channels are like besides their messages, and what of that is still to be carried over."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from bot.storage import codec
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.mirror_rows import place_at
from bot.storage.places import has_opted_out
from bot.storage.tables import mirror_copies, mirror_threads, places
from bot.talk.delivery import Delivery
from bot.talk.message import Place
from bot.talk.mirror import Copy, Owing
from bot.talk.shape import Asked, Begun, Change, Followed, Owed, Part, Shape, Value, safe

_c, _t = mirror_copies.c, mirror_threads.c
_FAMILY = select(_t.family).where(_t.thread == bindparam("key"))
_ONE = select(mirror_threads).where(_t.thread == bindparam("key")).with_for_update()
# In one order everywhere: two transactions would else wait for each other's rows on PostgreSQL.
_ALL = select(mirror_threads).where(_t.family == _FAMILY.scalar_subquery()).order_by(_t.thread).with_for_update()


def tell_all(connection: Connection, told: Mapping[Place, Shape], *, at: datetime) -> bool:
    """Whether something is owed to a counterpart of any of them."""
    guard_words(connection, forgetting=False)
    known: set[str] = set()
    for batch in batches([place.key for place in told]):
        known.update(connection.execute(select(places.c.key).where(places.c.key.in_(batch))).scalars())
        known.update(connection.execute(select(_t.thread).where(_t.thread.in_(batch))).scalars())
    some = sorted((place for place in told if place.key in known), key=lambda place: place.key)
    return sum(_tell(connection, place, told[place], at=at) for place in some) > 0


def _tell(connection: Connection, thread: Place, shape: Shape, *, at: datetime) -> bool:
    if shape.title:
        connection.execute(update(places).where(places.c.key == thread.key).values(name=shape.title))
    rows = {row.thread: row for row in connection.execute(_ALL, {"key": thread.key})}
    own = rows.pop(thread.key, None)
    if own is None or own.gone:
        return False
    before = _load(own.followed)
    if before is None:
        _save(connection, thread.key, Followed(seen=shape))
        return False
    followed, theirs = before.told(shape, at=at)
    if followed != before:
        _save(connection, thread.key, followed)
    if Part.TITLE in theirs and has_opted_out(connection, shape.opener):
        theirs = {part: value for part, value in theirs.items() if part is not Part.TITLE}
    owing = False
    for row in rows.values():
        known = _load(row.followed) or Followed(seen=Shape())
        change = safe(theirs, source=shape, target=known.seen)
        if change and row.opened and not row.gone:
            _save(connection, row.thread, known.owing(change, own.side, at=at))
            owing = True
    return owing


def owing_threads(connection: Connection, *, limit: int) -> tuple[str, ...]:
    found = select(_t.thread).where(_t.owing).order_by(_t.thread).limit(limit)
    return tuple(connection.execute(found).scalars())


def owing(connection: Connection, thread: str) -> Owing | None:
    row = connection.execute(select(mirror_threads).where(_t.thread == thread, _t.owing, _t.opened)).first()
    followed = None if row is None else _load(row.followed)
    if row is None or followed is None:
        return None
    family = select(_t.thread).where(_t.family == row.family)
    waits = exists().where(_c.pending, _c.target == row.side, _c.source.in_(family))
    return Owing(
        thread=place_at(row.thread, row.guild, row.side),
        side=row.side,
        followed=followed,
        waits=bool(connection.execute(select(waits)).scalar()),
    )


def ask(connection: Connection, before: Owing, change: Change, *, then: Mapping[Part, Owed], at: datetime) -> bool:
    """`then`: what is owed besides from now on. False where it is known to be otherwise by now."""
    row = connection.execute(_ONE, {"key": before.thread.key}).first()
    followed = None if row is None else _load(row.followed)
    if followed is None or followed.owed != before.followed.owed:
        return False
    asking = followed.asking(change, at=at)
    _save(connection, before.thread.key, replace(asking, owed={**asking.owed, **then}))
    return True


def answer(connection: Connection, thread: str, change: Change, made: Change, *, done: Mapping[Part, Owed]) -> None:
    row = connection.execute(_ONE, {"key": thread}).first()
    followed = None if row is None else _load(row.followed)
    if followed is not None:
        _save(connection, thread, followed.answering(change, made, done))


def recall(connection: Connection) -> None:
    some = select(_t.thread, _t.followed).where(_t.followed.contains('"asked"')).order_by(_t.thread)
    for row in connection.execute(some.with_for_update()).all():
        if (known := _load(row.followed)) is not None:
            _save(connection, row.thread, known.recalled())


# what copies have to do with it


def note_shape(connection: Connection, thread: str, shape: Shape) -> None:
    """Where nothing is known of it yet."""
    which = (_t.thread == thread, _t.followed.is_(None))
    connection.execute(update(mirror_threads).where(*which).values(followed=_dump(Followed(seen=shape))))


def note_beginning(connection: Connection, copy: Copy, title: str, *, at: datetime) -> tuple[str, ...]:
    """A counterpart of the thread in which it was said is begun for this title of it and its tags of now: these."""

    def beginning(known: Followed, before: Begun) -> Begun:
        tags = known.becoming(Part.TAGS, copy.channel.key, at=at).value
        return replace(before, of=title or before.of, of_tags=tags if isinstance(tags, frozenset) else frozenset())

    begun = _note_begun(connection, copy, beginning)
    return tuple(sorted(begun.of_tags))


def note_opening(connection: Connection, copy: Copy, delivery: Delivery) -> None:
    """It begins under this title and with these tags; without any, its thread's tags are still owed to it."""

    def opening(_: Followed, before: Begun) -> Begun:
        if delivery.tags is None:
            return replace(before, title=delivery.opens, tags=frozenset(), of_tags=frozenset())
        return replace(before, title=delivery.opens, tags=frozenset(delivery.tags))

    _note_begun(connection, copy, opening)


def _note_begun(connection: Connection, copy: Copy, now: Callable[[Followed, Begun], Begun]) -> Begun:
    row = connection.execute(_ONE, {"key": copy.source.key}).first()
    known = None if row is None else _load(row.followed)
    if known is None:
        return Begun()
    before = known.begun.get(_begun_by(copy), Begun())
    begun = now(known, before)
    if begun != before:
        _save(connection, copy.source.key, replace(known, begun={**known.begun, _begun_by(copy): begun}))
    return begun


def makes_post(connection: Connection, copy: Copy) -> bool:
    """Whether it makes a post of a forum; else it is a message of a channel, with which a thread may be begun later."""
    row = connection.execute(_ONE, {"key": copy.source.key}).first()
    known = None if row is None else _load(row.followed)
    return copy.begins and known is not None and bool(known.begun.get(_begun_by(copy), Begun()).title)


def note_sent(connection: Connection, copy: Copy, thread: str, *, at: datetime) -> None:
    """Something of ours goes into a thread; that wakes it, which is nobody's wish. It falls asleep again with the one
    in which that was said."""
    rows = {row.thread: _load(row.followed) for row in connection.execute(_both(copy.source.key, thread))}
    known, source = rows.get(thread), rows.get(copy.source.key)
    if known is None or known.expected(Part.ARCHIVED) is not True:
        return
    woken = known.asking({Part.ARCHIVED: False}, at=at, answered=True)
    if source is not None and source.seen.archived:
        woken = woken.owing({Part.ARCHIVED: True}, copy.channel.key, at=at)
    _save(connection, thread, woken)


def note_begun(connection: Connection, copy: Copy, thread: str, *, at: datetime) -> None:
    """The counterpart is there since just now: what its thread has become meanwhile is owed to it. What was told of it
    before that is told once more."""
    rows = {row.thread: _load(row.followed) for row in connection.execute(_both(copy.source.key, thread))}
    source, known = rows.get(copy.source.key), rows.get(thread)
    if source is None or (known is not None and not known.seen.ours):
        return  # somebody was faster
    begun = source.begun.get(_begun_by(copy), Begun())
    # A title of who has opted out is not known here.
    was: Change = {Part.TITLE: begun.of, Part.TAGS: begun.of_tags, Part.ARCHIVED: False, Part.LOCKED: False}
    owed = {part: source.becoming(part, copy.channel.key, at=at) for part in Part if part is not Part.TITLE or begun.of}
    owed = {part: each for part, each in owed.items() if each.value != was[part]}
    _save(connection, thread, Followed(seen=begun.shape, owed=owed))
    left = {key: each for key, each in source.begun.items() if key != _begun_by(copy)}
    _save(connection, copy.source.key, replace(source, begun=left))
    if known is not None:
        _tell(connection, place_at(thread, copy.target.guild, copy.target.key), known.seen, at=at)


def hold(connection: Connection, *threads: str) -> None:
    """Until the transaction ends."""
    connection.execute(_both(*threads))


def _begun_by(copy: Copy) -> str:
    return f"post {copy.target.key}" if copy.begins else copy.target.key


def _both(*threads: str) -> Any:
    return select(_t.thread, _t.followed).where(_t.thread.in_(threads)).order_by(_t.thread).with_for_update()


def _save(connection: Connection, thread: str, followed: Followed) -> None:
    values = {"followed": _dump(followed), "owing": bool(followed.owed)}
    connection.execute(update(mirror_threads).where(_t.thread == thread).values(values))


def _dump(followed: Followed) -> str:
    seen = followed.seen
    kept: dict[str, Any] = {
        "seen": [seen.title, seen.archived, seen.locked, sorted(seen.tags), seen.ours],
        "asked": [[each.at.isoformat(), each.answered, _dump_change(each.change)] for each in followed.asked],
        "owed": {
            part.value: [_dump_value(each.value), each.source, each.since.isoformat()]
            for part, each in followed.owed.items()
        },
        "begun": {
            key: [each.of, each.title, sorted(each.of_tags), sorted(each.tags)] for key, each in followed.begun.items()
        },
    }
    return codec.dump({name: value for name, value in kept.items() if value})


def _load(text: str | None) -> Followed | None:
    if text is None:
        return None
    kept: dict[str, Any] = json.loads(text)
    title, archived, locked, tags, ours = kept["seen"]
    return Followed(
        seen=Shape(title=title, archived=archived, locked=locked, tags=frozenset(tags), ours=ours),
        asked=tuple(
            Asked(change=_load_change(change), at=datetime.fromisoformat(at), answered=answered)
            for at, answered, change in kept.get("asked", ())
        ),
        owed={
            Part(part): Owed(value=_load_value(value), source=source, since=datetime.fromisoformat(since))
            for part, (value, source, since) in kept.get("owed", {}).items()
        },
        begun={key: _load_begun(*each) for key, each in kept.get("begun", {}).items()},
    )


def _load_begun(of: str, title: str, of_tags: Collection[str] = (), tags: Collection[str] = ()) -> Begun:
    """Of earlier ones no tags were kept."""
    return Begun(of=of, title=title, of_tags=frozenset(of_tags), tags=frozenset(tags))


def _dump_change(change: Change) -> dict[str, Any]:
    return {part.value: _dump_value(value) for part, value in change.items()}


def _load_change(kept: Mapping[str, Any]) -> Change:
    return {Part(part): _load_value(value) for part, value in kept.items()}


def _dump_value(value: Value) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _load_value(value: Any) -> Value:
    return frozenset(map(str, value)) if isinstance(value, list) else value

"""The part of the store that keeps channels side by side: each verb is one transaction; copies are in `mirrors.py`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.ports import Clock
from bot.storage import codec, mirror_counterparts, mirror_missed, mirror_shapes, mirror_ways, mirrors, unmirroring
from bot.storage.batches import batches
from bot.storage.connection import Connections, guard_words
from bot.storage.outbox import save_delivery
from bot.storage.tables import mirror_links, mirror_sides
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Message, Place
from bot.talk.mirror import Carried, Copy, Exposure, Link, Missed, Owing, Side, Unseen, Way
from bot.talk.record import Outgoing
from bot.talk.shape import Change, Owed, Part, Shape


class SqlMirrors:
    """Implements `bot.ports.mirrors.MirrorStore`."""

    _db: Connections
    _clock: Clock

    async def links(self) -> tuple[Link, ...]:
        return await self._db.read(lambda c: _links(c, active=True))

    async def link(self, link_id: str) -> Link | None:
        return next(iter(await self._db.read(lambda c: _links(c, link_id=link_id))), None)

    async def propose_link(self, link: Link, *, forget_before: datetime) -> None:
        await self._db.write(lambda c: _propose(c, link, forget_before))

    async def confirm_link(self, link: Link, *, most: int, told: Sequence[Delivery], at: datetime) -> bool:
        return await self._db.write(lambda c: _confirm(c, link, most, told, at))

    async def end_link(self, link_id: str, *, told: Sequence[Delivery], at: datetime) -> bool:
        return await self._db.write(lambda c: _end(c, link_id, told, at))

    async def drop_side(self, place: Place) -> None:
        def work(connection: Connection) -> None:
            guard_words(connection, forgetting=True)
            forget_links(connection, places=[place.key])
            unmirroring.withdraw_of_places(connection, [place.key])

        await self._db.write(work)

    async def take_copies(
        self, link: Link, message: Message, words: Carried, *, most: int, at: datetime
    ) -> frozenset[str]:
        return await self._db.write(lambda c: mirrors.take(c, link, message, words, most=most, at=at))

    async def revise_copies(self, message: Message, words: Carried) -> bool:
        return await self._db.write(lambda c: mirrors.revise(c, message, words))

    async def waiting_targets(self, *, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: mirrors.waiting_targets(c, limit=limit))

    async def copies_waiting(self) -> int:
        return await self._db.read(mirrors.waiting)

    async def next_copy(self, target: str) -> Copy | None:
        return await self._db.read(lambda c: mirrors.next_copy(c, target))

    async def way_into(self, copy: Copy, *, forum: bool, shape: Shape | None = None) -> Way:
        now = self._clock.now()
        return await self._db.write(lambda c: mirror_ways.way_into(c, copy, forum=forum, shape=shape, at=now))

    async def head_of(self, copy: Copy, words: Carried, *, at: datetime) -> Copy | None:
        return await self._db.write(lambda c: mirror_ways.head_of(c, copy, words, at=at))

    async def save_copy(self, copy: Copy, delivery: Delivery, *, at: datetime) -> Outgoing | None:
        return await self._db.write(lambda c: mirrors.save(c, copy, delivery, at=at))

    async def settle_copy(self, copy: Copy, *, revision: int, given_up: bool = False) -> DeliveryState | Unseen | None:
        now = self._clock.now()
        return await self._db.write(lambda c: mirrors.settle(c, copy, revision=revision, given_up=given_up, at=now))

    async def take_back_copy(self, copy: Copy) -> None:
        await self._db.write(lambda c: mirrors.take_back(c, copy))

    async def drop_copy(self, copy: Copy) -> None:
        await self._db.write(lambda c: mirrors.drop(c, copy))

    async def recall_copies(self) -> None:
        def work(connection: Connection) -> None:
            unmirroring.recall(connection)
            mirror_shapes.recall(connection)

        await self._db.write(work)

    async def tell_threads(self, told: Mapping[Place, Shape], *, at: datetime) -> bool:
        return await self._db.write(lambda c: mirror_shapes.tell_all(c, told, at=at))

    async def miss_threads(self, platform: str, *, since: datetime) -> None:
        await self._db.write(lambda c: mirror_missed.note(c, platform, since))

    async def missed_threads(self, platform: str) -> Missed | None:
        return await self._db.read(lambda c: mirror_missed.load(c, platform))

    async def found_threads(self, platform: str, missed: Missed) -> None:
        await self._db.write(lambda c: mirror_missed.forget(c, platform, missed))

    async def owing_threads(self, *, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: mirror_shapes.owing_threads(c, limit=limit))

    async def owing(self, thread: str) -> Owing | None:
        return await self._db.read(lambda c: mirror_shapes.owing(c, thread))

    async def ask_thread(self, before: Owing, change: Change, *, then: Mapping[Part, Owed], at: datetime) -> bool:
        return await self._db.write(lambda c: mirror_shapes.ask(c, before, change, then=then, at=at))

    async def answer_thread(self, thread: Place, change: Change, made: Change, *, done: Mapping[Part, Owed]) -> None:
        await self._db.write(lambda c: mirror_shapes.answer(c, thread.key, change, made, done=done))

    async def is_copy(self, place: Place, message: str) -> bool:
        return await self._db.read(lambda c: mirror_counterparts.is_copy(c, place, message))

    async def is_answered_unknown(self, copy: Copy) -> bool:
        return await self._db.read(lambda c: mirror_counterparts.is_answered_unknown(c, copy))

    async def words_at(self, place: Place, message: str) -> str | None:
        return await self._db.read(lambda c: mirrors.words_at(c, place, message))


def forget_links(connection: Connection, *, scope: str = "", places: Collection[str] = ()) -> None:
    """Of a guild that we left; and places that are gone, by key, are in no link any more."""
    if scope:
        ids = list(connection.execute(select(mirror_links.c.id).where(mirror_links.c.scope == scope)).scalars())
        unmirroring.unlink(connection, ids)
        connection.execute(delete(mirror_links).where(mirror_links.c.scope == scope))
    for batch in batches(places):
        connection.execute(delete(mirror_sides).where(mirror_sides.c.place.in_(batch)))


def forget_linker(connection: Connection, person: str) -> None:
    """What they linked stays, as nobody's; what they were only shown goes."""
    connection.execute(delete(mirror_links).where(mirror_links.c.by == person, mirror_links.c.active.is_(False)))
    connection.execute(update(mirror_links).where(mirror_links.c.by == person).values(by=""))


def _links(connection: Connection, *, link_id: str | None = None, active: bool = False) -> tuple[Link, ...]:
    asked = select(mirror_links).order_by(mirror_links.c.made_at, mirror_links.c.id)
    if link_id is not None:
        asked = asked.where(mirror_links.c.id == link_id)
    if active:
        asked = asked.where(mirror_links.c.active)
    rows = connection.execute(asked).all()
    sides: dict[str, list[Side]] = {row.id: [] for row in rows}
    for batch in batches(sides):
        found = select(mirror_sides).where(mirror_sides.c.link.in_(batch)).order_by(mirror_sides.c.position)
        for row in connection.execute(found):
            platform, _, place_id = row.place.partition(":")
            place = Place(platform=platform, id=place_id, guild=row.guild, name=row.name)
            sides[row.link].append(Side(place=place, language=row.language, forum=row.forum))
    return tuple(
        Link(
            id=row.id,
            sides=tuple(sides[row.id]),
            by=row.by,
            made_at=row.made_at,
            exposures=frozenset(
                Exposure(source=source, target=target, seen=seen) for source, target, seen in json.loads(row.exposures)
            ),
            active=row.active,
        )
        for row in rows
    )


def _propose(connection: Connection, link: Link, forget_before: datetime) -> None:
    stale = (mirror_links.c.active.is_(False), mirror_links.c.made_at < forget_before)
    connection.execute(delete(mirror_links).where(*stale))
    first = link.sides[0].place
    connection.execute(
        mirror_links.insert().values(
            id=link.id,
            scope=_scope(first),
            active=False,
            by=link.by,
            made_at=link.made_at,
            exposures=_exposures(link.exposures),
        )
    )
    rows = [
        {
            "link": link.id,
            "position": position,
            "place": side.place.key,
            "guild": side.place.guild,
            "name": side.place.name,
            "language": side.language,
            "forum": side.forum,
        }
        for position, side in enumerate(link.sides)
    ]
    connection.execute(mirror_sides.insert(), rows)


def _confirm(connection: Connection, link: Link, most: int, told: Sequence[Delivery], at: datetime) -> bool:
    guard_words(connection, forgetting=True)  # nobody else confirms one, or forgets a place, meanwhile
    proposed = (mirror_links.c.id == link.id, mirror_links.c.active.is_(False))
    if connection.execute(select(mirror_links.c.id).where(*proposed)).first() is None:
        return False
    keys = [side.place.key for side in link.sides]
    linked = (
        select(mirror_sides.c.place)
        .join(mirror_links, mirror_links.c.id == mirror_sides.c.link)
        .where(mirror_links.c.active, mirror_sides.c.place.in_(keys))
    )
    of_guild = (mirror_links.c.scope == _scope(link.sides[0].place), mirror_links.c.active)
    count = connection.execute(select(func.count()).select_from(mirror_links).where(*of_guild)).scalar_one()
    if count >= most or connection.execute(linked).first() is not None:
        return False
    values = {"active": True, "made_at": link.made_at, "by": link.by, "exposures": _exposures(link.exposures)}
    connection.execute(update(mirror_links).where(*proposed).values(values))
    _tell(connection, told, at)
    return True


def _end(connection: Connection, link_id: str, told: Sequence[Delivery], at: datetime) -> bool:
    unmirroring.unlink(connection, [link_id])
    which = (mirror_links.c.id == link_id, mirror_links.c.active)
    if not connection.execute(delete(mirror_links).where(*which)).rowcount:
        return False
    _tell(connection, told, at)
    return True


def _tell(connection: Connection, told: Sequence[Delivery], at: datetime) -> None:
    for each in told:
        save_delivery(connection, each, DeliveryState.READY, at=at)


def _scope(place: Place) -> str:
    return f"{place.platform}:{place.guild or ''}"


def _exposures(some: Iterable[Exposure]) -> str:
    return codec.dump(sorted([each.source, each.target, each.seen] for each in some))

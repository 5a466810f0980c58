"""Where a copy goes of what was said in a thread: into that thread's counterpart, which may have to be begun first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.mirror.words import SIGN
from bot.ports import Clock
from bot.ports.mirrors import MirrorStore
from bot.ports.shapes import Shapes
from bot.talk.message import Place
from bot.talk.mirror import Carried, Copy, Side, Way
from bot.talk.shape import counterparts


class Ways:
    """`shapes` by platform."""

    def __init__(self, store: MirrorStore, shapes: Mapping[str, Shapes], clock: Clock) -> None:
        self._store = store
        self._shapes = shapes
        self._clock = clock

    async def of(self, copy: Copy, side: Side) -> Way | Copy:
        """A copy is to be carried before it: with that the thread begins."""
        if copy.within is None or (copy.begins and not side.forum):
            return Way(thread=side.place, opened=True)
        shapes = self._shapes.get(copy.source.platform)
        shape = None if shapes is None else shapes.shape(copy.source)
        way = await self._store.way_into(copy, forum=side.forum, shape=shape)
        if copy.begins:
            tags = self._tags(way.tags or (), copy.channel, side.place)
            return Way(
                title=way.title, tags=tags, thread=side.place, opened=copy.done > 0 and (way.opened or way.closed)
            )
        if way.thread is not None or way.closed or way.waits:
            return way
        head = await self._store.head_of(copy, Carried(name="", text=way.title or SIGN), at=self._clock.now())
        return Way(closed=True) if head is None else head

    def _tags(self, applied: Sequence[str], source: Place, target: Place) -> tuple[str, ...] | None:
        """For a new post of the one forum, by those of a post of the other."""
        shapes = self._shapes.get(target.platform)
        if shapes is None:
            return None
        alike = counterparts(applied, source=shapes.tags(source), target=shapes.tags(target), standing=())
        return tuple(shapes.fitting(target, alike))

"""Builds channels side by side, and says where they are joined to the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.languages.phrases import Phrases
from bot.mirror.audience import Readers
from bot.mirror.book import Book
from bot.mirror.carrying import Carrying
from bot.mirror.commands import TRANSLATE, commands
from bot.mirror.comparing import Comparing
from bot.mirror.following import Following
from bot.mirror.linking import Linking
from bot.mirror.proposing import Proposing
from bot.mirror.reading import Reading
from bot.mirror.shaping import Shaping
from bot.mirror.translating import Translating
from bot.mirror.ways import Ways
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.ports.mirrors import Mirrors
from bot.ports.rights import Rights
from bot.ports.shapes import Shapes, lacks_tag
from bot.ports.translation import Tongues, Translates
from bot.settings import MirrorSettings

__all__ = ["Mirrored", "commands", "mirrored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """What the house joins. `run` is to be going on; `minute` is called every minute, and once before anything is heard
    or sent."""

    mirrors: Mirrors
    run: Callable[[], Coroutine[Any, Any, None]]
    minute: Callable[[], Awaitable[None]]
    commands: Mapping[str, OnCommand]
    presses: Mapping[str, OnPress]


def mirrored(
    store: Store,
    deliveries: Deliveries,
    *,
    translates: Translates,
    tongues: Tongues,
    rights: Mapping[str, Rights],
    shapes: Mapping[str, Shapes],
    limits: MirrorSettings,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Mirrored:
    readers = Readers(rights)
    book = Book(store, deliveries, readers, phrases=phrases, clock=clock, counters=counters)
    translating = Translating(translates, limits, clock)
    shaping = Shaping(store, book, readers, translating, shapes=shapes, clock=clock, counters=counters)
    carrying = Carrying(
        store,
        deliveries,
        book,
        readers,
        translating,
        ways=Ways(store, shapes, clock),
        rested=shaping.look,
        limits=limits,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    comparing = Comparing(store, book, shapes=shapes, look=shaping.look, clock=clock)
    following = Following(
        store,
        deliveries,
        book,
        carrying,
        shaping,
        comparing=comparing,
        most=limits.backlog,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    untagged = partial(lacks_tag, shapes)
    proposing = Proposing(readers, book, lacks_tag=untagged)
    linking = Linking(
        store,
        book,
        readers,
        proposing,
        most=limits.links,
        may_shape=shaping.may_shape,
        lacks_tag=untagged,
        phrases=phrases,
        clock=clock,
    )
    reading = Reading(store, deliveries, readers, translates, tongues, phrases=phrases)

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(carrying.run())
            group.create_task(shaping.run())
            group.create_task(comparing.run())
            group.create_task(reading.run())

    return Mirrored(
        mirrors=following,
        run=run,
        minute=following.minute,
        commands={**linking.commands, TRANSLATE: reading.asked},
        presses=linking.presses,
    )

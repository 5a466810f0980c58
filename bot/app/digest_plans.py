"""Builds scheduled digests, and says where they are joined to the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.digest.book import Book
from bot.digest.choosing import Choosing
from bot.digest.composing import Composing, Tells
from bot.digest.creating import Creating
from bot.digest.makes import Makes
from bot.digest.moderating import Moderating
from bot.digest.running import Running
from bot.digest.subscribing import Subscribing
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, OnCommand, OnRun, Store
from bot.ports.rights import Rights
from bot.ports.shapes import Shapes, lacks_tag
from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlans:
    """What the house joins. `commands` by the names that `bot.digest.commands` declares."""

    handlers: Mapping[str, OnRun]
    commands: Mapping[str, OnCommand]


def digest_plans(
    store: Store,
    *,
    makes: Makes,
    tells: Tells,
    rights: Mapping[str, Rights],
    present: Callable[[str], bool],
    shapes: Mapping[str, Shapes],
    look: Callable[[], None],
    policies: asyncio.Lock,
    settings: Settings,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> DigestPlans:
    """`present`: whether a platform is there now; `look`: something may be due sooner than was expected; `policies`: as
    in `Hearing`."""
    limits, timezone = settings.digests, settings.community.timezone
    choosing = Choosing(rights)
    book = Book(store, choosing, limits=limits)
    creating = Creating(
        store, choosing, lacks_tag=partial(lacks_tag, shapes), timezone=timezone, phrases=phrases, clock=clock
    )
    moderating = Moderating(store, book, choosing, creating, look=look, policies=policies, phrases=phrases, clock=clock)
    subscribing = Subscribing(store, book, choosing, most=limits.subscribers, phrases=phrases, clock=clock)
    composing = Composing(store, choosing, makes=makes, tells=tells, present=present, phrases=phrases)
    running = Running(store, choosing, composing, most=limits.subscribers, phrases=phrases, counters=counters)
    return DigestPlans(handlers=running.handlers, commands={**moderating.commands, **subscribing.commands})

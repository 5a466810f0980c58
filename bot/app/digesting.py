"""Builds digests: scheduled ones, those that people ask for, and what the model is told of a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.app.digest_plans import digest_plans
from bot.digest import commands as scheduled
from bot.digest import demand, showing
from bot.digest.catching_up import CatchingUp
from bot.digest.demand import CATCH_UP, Demand
from bot.digest.makes import Makes
from bot.digest.ready import Ready
from bot.digest.recap import AskedRecap
from bot.digest.unreached import Unreached
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, OnRun, Store
from bot.ports.rights import Rights
from bot.ports.shapes import Shapes
from bot.settings import Settings
from bot.talk.command import Command
from bot.talk.delivery import Delivery
from bot.talk.message import Message
from tools.spans import span


@dataclass(frozen=True, slots=True, kw_only=True)
class Digesting:
    """What the house joins. `refused`: told of private deliveries that found no way; `recap`: the service for whoever
    wrote a message."""

    handlers: Mapping[str, OnRun]
    commands: Mapping[str, OnCommand]
    presses: Mapping[str, OnPress]
    refused: Callable[[Delivery], Awaitable[None]]
    recap: Callable[[Message], AskedRecap | None]


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them."""
    return (*demand.commands(phrases), *scheduled.commands(phrases))


def digesting(
    store: Store,
    deliveries: Deliveries,
    *,
    makes: Makes,
    rights: Mapping[str, Rights],
    present: Callable[[str], bool],
    shapes: Mapping[str, Shapes],
    look: Callable[[], None],
    policies: asyncio.Lock,
    settings: Settings,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Digesting:
    """`present`: whether a platform is there now; `look`: something may be due sooner than was expected; `policies`: as
    in `Hearing`."""
    plans = digest_plans(
        store,
        makes=makes,
        tells=showing.told,
        rights=rights,
        present=present,
        shapes=shapes,
        look=look,
        policies=policies,
        settings=settings,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    asking = Demand(
        store,
        rights=rights,
        reads=span,
        timezone=settings.community.timezone,
        look=look,
        phrases=phrases,
        clock=clock,
    )
    telling = CatchingUp(
        makes,
        deliveries,
        rights=rights,
        present=present,
        redraws=("local",),
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    ready = Ready(store, deliveries, rights=rights, phrases=phrases, clock=clock, counters=counters)
    unreached = Unreached(store, deliveries, rights=rights, phrases=phrases, clock=clock, counters=counters)

    async def refused(delivery: Delivery) -> None:
        if not await ready.refused(delivery):
            await unreached.refused(delivery)

    def recap(message: Message) -> AskedRecap | None:
        known = rights.get(message.place.platform)
        return None if known is None else AskedRecap(store, known, message, gathers=makes.gather, clock=clock)

    return Digesting(
        handlers={**plans.handlers, CATCH_UP: telling.run, **ready.handlers},
        commands={**plans.commands, **asking.commands},
        presses=ready.presses,
        refused=refused,
        recap=recap,
    )

"""Builds digests on demand: the commands, what carries them out, and what the model can be told of a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.digest.catching_up import CatchingUp, Makes
from bot.digest.demand import CATCH_UP, Demand
from bot.digest.ready import Ready
from bot.digest.recap import AskedRecap
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, OnRun, Store
from bot.ports.rights import Rights
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.digest import Digest, Order
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


def digesting(
    store: Store,
    deliveries: Deliveries,
    *,
    makes: Makes,
    gathers: Callable[[Order], Awaitable[Digest]],
    rights: Mapping[str, Rights],
    present: Callable[[str], bool],
    look: Callable[[], None],
    settings: Settings,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Digesting:
    """`present`: whether a platform is there now; `look`: something may be due sooner than was expected."""
    demand = Demand(
        store,
        rights=rights,
        reads=span,
        timezone=settings.community.timezone,
        look=look,
        phrases=phrases,
        clock=clock,
    )
    catching_up = CatchingUp(
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

    def recap(message: Message) -> AskedRecap | None:
        known = rights.get(message.place.platform)
        return None if known is None else AskedRecap(store, known, message, gathers=gathers, clock=clock)

    return Digesting(
        handlers={CATCH_UP: catching_up.run, **ready.handlers},
        commands=demand.commands,
        presses=ready.presses,
        refused=ready.refused,
        recap=recap,
    )

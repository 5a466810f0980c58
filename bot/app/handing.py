"""Builds what hands questions over to people, and says where it is joined to the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnPress, OnRun
from bot.ports.human import Human
from bot.ports.support import Helps, KnownChannels, Relays, TakesUp
from bot.ports.translation import Tongues, Translates
from bot.support.claims import Claims
from bot.support.handing import HandingOver, Own
from bot.support.marks import Marks
from bot.support.notes import Notes
from bot.support.pressing import Pressing
from bot.support.relaying import Relaying
from bot.support.summing import Summing
from bot.support.team import Team
from bot.talk.message import Message
from bot.talk.support import Case, Silence

if TYPE_CHECKING:
    from bot.app.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """What calling a person needs. `answers_in`: the language that a message is answered in, where that can be told;
    `silenced`: told of cases of which staff speak, or nothing is left to say."""

    channels: KnownChannels
    tongues: Tongues
    translates: Translates
    silenced: Callable[[Case, Silence], Awaitable[None]]
    answers_in: Callable[[Message], Awaitable[str]] | None = None


class _Shared(TypedDict):
    phrases: Phrases
    clock: Clock
    counters: Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """What the house joins. `human`: the service for whoever wrote a message;
    `relays`: as `Relaying.heard`."""

    helps: Helps
    cases: TakesUp
    human: Callable[[Message], Human]
    relays: Relays
    handlers: Mapping[str, OnRun]
    presses: Mapping[str, OnPress]


def handing(ground: Ground, deliveries: Deliveries, support: Calling, *, look: Callable[[], None]) -> Handing:
    """`look`: something may be due sooner than was expected."""
    store, channels, team = ground.store, support.channels, Team(ground.rights)
    shared = _Shared(phrases=ground.phrases, clock=ground.clock, counters=ground.counters)
    helps = HandingOver(
        store,
        channels,
        team,
        deliveries,
        tongues=support.tongues,
        answers_in=support.answers_in,
        look=look,
        **shared,
    )
    summing = Summing(ground.engines, window=ground.settings.engine.window)
    pressing = Pressing(store, channels, team, deliveries, silenced=support.silenced, **shared)
    marks = Marks(store, threads=ground.threads, cases=pressing)
    notes = Notes(store, channels, team, summing=summing, marks=marks, **shared)
    claims = Claims(store, channels, team, deliveries, marks=marks, **shared)
    relaying = Relaying(
        store,
        channels,
        team,
        pressing,
        translates=support.translates,
        silenced=support.silenced,
        look=look,
        **shared,
    )
    return Handing(
        helps=helps,
        cases=pressing,
        human=lambda message: Own(helps, message),
        relays=relaying.heard,
        handlers={**notes.handlers, **claims.handlers, **relaying.handlers},
        presses={**pressing.presses, **relaying.presses},
    )

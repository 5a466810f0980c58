"""Builds oversight: votes, reviews, figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.languages.phrases import Phrases
from bot.oversight import commands as declared
from bot.oversight.commands import OversightCommands
from bot.oversight.offering import Offering
from bot.oversight.reviewing import Reviewing
from bot.oversight.staff import Staff
from bot.oversight.voting import Voting
from bot.oversight.weekly import SUPPORT_WEEK, Weekly, week_plan
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, OnRun, Store
from bot.ports.knowledge import Adds
from bot.ports.oversight import Oversees
from bot.ports.rights import Rights
from bot.ports.support import KnownCases, KnownChannels
from bot.talk.command import Command
from bot.talk.form import Form
from bot.talk.message import Message
from bot.talk.oversight import Overseen, Signals
from bot.talk.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseeing:
    """What the house joins. `overseen`: what is added to a whole answer of a turn."""

    overseen: Callable[[Message, str, Signals], Awaitable[Overseen]]
    handlers: Mapping[str, OnRun]
    commands: Mapping[str, OnCommand]
    presses: Mapping[str, OnPress]


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them."""
    return declared.commands(phrases)


def forms(phrases: Phrases) -> Mapping[str, Form]:
    return declared.forms(phrases)


def standing(timezone: str, *, now: datetime) -> Plan:
    return week_plan(timezone, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """What oversight works with where that is not the house's own. `spoken`: in which
    language an answer to a message is. `oversees` is told what staff can do, for a page that lets them."""

    channels: KnownChannels | None = None
    cases: KnownCases | None = None
    adds: Adds | None = None
    spoken: Callable[[Message], Awaitable[str]] | None = None
    oversees: Callable[[Oversees], None] = lambda _: None


def overseeing(
    store: Store,
    deliveries: Deliveries,
    beside: Siblings,
    *,
    channels: KnownChannels,
    cases: KnownCases,
    adds: Adds | None,
    spoken: Callable[[Message], Awaitable[str]] | None = None,
    rights: Mapping[str, Rights],
    present: Callable[[str], bool],
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Overseeing:
    """`adds` None: there is no knowledge that takes right answers. `spoken` as in `Siblings`. `present`:
    whether a platform is there now."""
    channels, adds = beside.channels or channels, beside.adds or adds
    staff = Staff(channels, rights)
    reviewing = Reviewing(
        store,
        staff,
        deliveries,
        cases=beside.cases or cases,
        adds=adds,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    voting = Voting(store, staff, phrases=phrases, counters=counters)
    by_command = OversightCommands(store, reviewing, phrases=phrases)
    weekly = Weekly(store, channels, rights=rights, present=present, phrases=phrases)
    offering = Offering(store, channels, spoken=beside.spoken or spoken, phrases=phrases)
    beside.oversees(reviewing)
    return Overseeing(
        overseen=offering.overseen,
        handlers={SUPPORT_WEEK: weekly.run},
        commands=by_command.commands,
        presses={**voting.presses, **by_command.presses},
    )

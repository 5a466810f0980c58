"""Builds what decides on calls: the rules, the gate, the asking of people, and private answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.agent.toolbox import Toolbox
from bot.approvals.asking import Approvals
from bot.approvals.commands import ToolCommands
from bot.approvals.gate import Gatekeeper
from bot.approvals.privately import Privately
from bot.approvals.rules import ToolRules
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.ports.rights import Rights
from bot.ports.servers import ToolServers
from bot.settings import Settings
from bot.talk.message import Message
from bot.talk.record import OpenTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What comes before there is a toolbox."""

    rules: ToolRules
    gate: Gatekeeper


def deciding(
    store: Store, settings: Settings, rights: Mapping[str, Rights], counters: Counters, *, servers: ToolServers
) -> Deciding:
    rules = ToolRules(store, never=settings.tools.never, rights=rights)
    return Deciding(rules=rules, gate=Gatekeeper(store, rules, rights=rights, servers=servers, counters=counters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approving:
    """What asks people, and hears them."""

    rules: ToolRules
    approvals: Approvals
    privately: Privately
    tools: ToolCommands

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {**self.approvals.presses, **self.privately.presses}

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return self.tools.commands

    async def minute(self) -> None:
        """Every minute: what another process decided on rules, and requests whose time is over. Raises nothing."""
        await self.rules.refresh()
        await self.approvals.lapse()


def approving(
    made: Deciding,
    store: Store,
    deliver: Deliveries,
    toolbox: Toolbox,
    *,
    begin: Callable[[Message, OpenTurn | None], None],
    rights: Mapping[str, Rights],
    settings: Settings,
    phrases: Phrases,
    clock: Clock,
    counters: Counters,
) -> Approving:
    """`begin` starts the answer to a message of our own, whose turn may be open already."""
    approvals = Approvals(
        store,
        deliver,
        made.gate,
        offers=lambda: toolbox.offers,
        begin=lambda message: begin(message, None),
        rights=rights,
        stands=timedelta(minutes=settings.tools.approval_minutes),
        timezone=settings.community.timezone,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    privately = Privately(store, begin=begin, phrases=phrases, clock=clock, counters=counters)
    tools = ToolCommands(made.rules, names=lambda: toolbox.offers, phrases=phrases)
    return Approving(rules=made.rules, approvals=approvals, privately=privately, tools=tools)

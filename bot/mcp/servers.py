"""All tool servers of others: which of their tools the model is told of, and what becomes of a call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from bot.errors import BadCall, DatabaseUnusable
from bot.mcp.connection import Listed, Opening
from bot.mcp.definition import Definition, known, label, read, shown
from bot.mcp.owner import Owner
from bot.mcp.results import Pictures, found, no_pictures
from bot.mcp.schema import secret_names
from bot.ports import Counters
from bot.ports.servers import Approved, ApprovedTools
from bot.ports.tool import CallContext, Effect, ForeignTool
from bot.settings import ToolServer
from bot.talk.found import Found
from bot.talk.message import Conversation

MOST_NAMED = 10  # tools of a listing that the log says cannot be used
APPROVALS_SECONDS = 20.0  # until what was approved beside the running program is taken up
EFFECTS = {"reads": Effect.READS, "writes": Effect.WRITES, "leaves": Effect.LEAVES}

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""A server and one of its tools."""


@dataclass(slots=True)
class _Known:
    """Of one server. `listed`: as it last said itself, None before it did since the start."""

    server: ToolServer
    owner: Owner
    said: Listed | None = None
    listed: Mapping[str, Definition] | None = None
    waiting: int = 0


@dataclass(slots=True)
class _Standing:
    """What is approved, each with its definition; and what this process has withdrawn, by when it was approved."""

    approved: Mapping[Key, tuple[Approved, Definition]] = field(default_factory=dict[Key, tuple[Approved, Definition]])
    withdrawn: set[tuple[str, str, datetime]] = field(default_factory=set[tuple[str, str, datetime]])


class Servers:
    """`reserved`: names of our own tools. `pictures`: makes a picture of what a tool gave one as.

    A tool is offered while exactly what its server says of it is approved. A server that is away keeps its tools, so
    that what the model is told does not change with it; calls are answered with a reason.
    """

    def __init__(
        self,
        servers: Sequence[ToolServer],
        approved: ApprovedTools,
        opening: Opening,
        *,
        reserved: Collection[str],
        counters: Counters,
        pictures: Pictures = no_pictures,
    ) -> None:
        self._approvals = approved
        self._clock = opening.clock
        self._reserved = frozenset(reserved)
        self._counters = counters
        self._pictures = pictures
        self._standing = _Standing()
        self._offered: tuple[ForeignTool, ...] = ()
        self._known = {
            server.name: _Known(
                server,
                Owner(server, opening, listed=partial(self._take, server.name), counters=counters),
            )
            for server in servers
        }

    def tools(self) -> Sequence[ForeignTool]:
        """As of now, for `Toolbox(foreign=…)`."""
        return self._offered

    def allowed(self, server: str, conversation: Conversation) -> bool:
        """Whether the operator allows the server where the conversation is. What is not known is not allowed."""
        one = self._known.get(server)
        place = conversation.place
        return one is not None and one.server.allows(platform=place.platform, guild=place.guild)

    def up(self) -> Mapping[str, float]:
        """By server: 1 while it is there."""
        return {name: float(not one.owner.why) for name, one in self._known.items()}

    def facts(self) -> Mapping[str, str]:
        """By server, for `/healthz`: how it is, in our own words."""
        found: dict[str, str] = {}
        for name, one in self._known.items():
            offered = sum(tool.server == name for tool in self._offered)
            waits = f", {one.waiting} wait for `calanque mcp approve {name}`" if one.waiting else ""
            found[name] = f"{one.owner.why or 'it is there'}; {offered} tools offered{waits}"
        return found

    def listed(self, server: str) -> Sequence[Definition]:
        """What a server said last of its tools; nothing before it said anything since the start."""
        return tuple((self._known[server].listed or {}).values())

    async def load(self) -> None:
        """What is approved, before anybody asks: a start waits for no server. Raises DatabaseUnusable."""
        rows = await self._approvals.approved_tools()
        self._standing.approved = await asyncio.to_thread(self._read_approved, rows)
        self._offer()

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, one in self._known.items():
                group.create_task(one.owner.run(), name=f"tool server {name}")
            group.create_task(self._keep_reading())

    async def _keep_reading(self) -> None:
        while True:
            await self._clock.sleep(APPROVALS_SECONDS)
            try:
                await self.take_up()
            except DatabaseUnusable:
                log.warning("what is approved of tool servers cannot be read; it stays as it was")

    async def take_up(self) -> None:
        """What was approved meanwhile, beside this program. Raises DatabaseUnusable."""
        await self.load()
        for name, one in self._known.items():
            await self._compare(name, one)

    def _read_approved(self, rows: Sequence[Approved]) -> Mapping[Key, tuple[Approved, Definition]]:
        before = self._standing.approved
        found: dict[Key, tuple[Approved, Definition]] = {}
        for row in rows:
            key = (row.server, row.tool)
            earlier = before.get(key)
            if earlier is not None and earlier[0].text == row.text:
                found[key] = (row, earlier[1])
            elif row.server in self._known:
                found[key] = (row, known(row.server, row.text, reserved=self._reserved))
        return found

    async def _take(self, name: str, said: Listed) -> None:
        """What a server lists."""
        one = self._known[name]
        if said == one.said:
            return
        if said.more:
            log.warning("the tool server %s lists more tools than are looked at; name those you want in MCP_FILE", name)
        definitions = await asyncio.to_thread(
            read, name, said.tools, unreadable=said.unreadable, reserved=self._reserved
        )
        for each in [each for each in definitions if each.problem][:MOST_NAMED]:
            log.warning("the tool %s of the server %s cannot be used: %s", label(each.tool), name, each.problem)
        one.said, one.listed = said, {each.tool: each for each in definitions}
        await self._compare(name, one)

    async def _compare(self, name: str, one: _Known) -> None:
        """Withdraw what is not as it was approved; offer the rest."""
        for tool, definition in (one.listed or {}).items():
            approved, _ = self._standing.approved.get((name, tool), (None, None))
            if approved is not None and approved.digest != definition.digest and self._stands(approved):
                await self._withdraw(approved)
        waiting = sum(not (each.problem or self._is_approved(each)) for each in (one.listed or {}).values())
        if waiting != one.waiting and waiting:
            log.info("%d tools of the server %s wait for approval: calanque mcp approve %s", waiting, name, name)
        one.waiting = waiting
        self._offer()

    async def _withdraw(self, approved: Approved) -> None:
        """First here, whatever the database does."""
        self._standing.withdrawn.add((approved.server, approved.tool, approved.at))
        self._offer()
        self._counters.add("mcp_definitions_changed_total", server=approved.server)
        log.warning(
            "the tool %s of the server %s is not what was approved any more, and is not used: calanque mcp",
            shown(approved.tool),
            approved.server,
        )
        try:
            await self._approvals.withdraw_tool(
                approved.server, approved.tool, digest=approved.digest, at=self._clock.now()
            )
        except DatabaseUnusable:
            log.warning("that it is not used any more could not be written down; it holds while this program runs")

    def _stands(self, approved: Approved) -> bool:
        key = (approved.server, approved.tool, approved.at)
        return approved.withdrawn is None and key not in self._standing.withdrawn

    def _is_approved(self, definition: Definition) -> bool:
        approved, _ = self._standing.approved.get((definition.server, definition.tool), (None, None))
        return approved is not None and approved.digest == definition.digest and self._stands(approved)

    def _offer(self) -> None:
        found: list[ForeignTool] = []
        for (name, tool), (approved, definition) in self._standing.approved.items():
            one = self._known.get(name)
            usable = definition.digest == approved.digest and not definition.problem
            if one is None or not usable or not self._stands(approved):
                continue
            listed = definition if one.listed is None else one.listed.get(tool)
            named = one.server.tools is None or tool in one.server.tools
            if named and listed is not None and not listed.problem and listed.digest == approved.digest:
                found.append(self._tool(one.server, definition))
        self._offered = tuple(sorted(found, key=lambda each: each.name))

    def _tool(self, server: ToolServer, definition: Definition) -> ForeignTool:
        assert definition.fitting is not None
        effect = EFFECTS[server.effects.get(definition.tool, "leaves" if server.url else "writes")]
        return ForeignTool(
            name=definition.offered,
            server=server.name,
            description=definition.description,
            parameters=definition.parameters,
            definition=definition.digest,
            effect=effect,
            check=definition.fitting.check,
            call=partial(self._call, definition),
            seconds=server.seconds,
            beside=effect is Effect.READS,
            secret=secret_names(definition.parameters),
        )

    async def _call(self, definition: Definition, context: CallContext, arguments: dict[str, Any]) -> Found:
        """Everything is looked at again: it may be long ago that the model was told of the tool."""

        def still() -> None:
            if not any(
                tool.definition == definition.digest and tool.name == definition.offered for tool in self._offered
            ):
                raise BadCall(f"{definition.offered} has changed or was taken away, and is not used; answer without it")

        if not self.allowed(definition.server, context.conversation):
            raise BadCall(f"{definition.offered} may not be used here")
        still()
        owner = self._known[definition.server].owner
        return await found(
            definition.offered, await owner.call(definition.tool, arguments, still=still), self._pictures
        )

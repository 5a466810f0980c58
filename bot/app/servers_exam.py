"""What the doctor finds of the tool servers of others: whether each is there, and what waits for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.servers import look_at
from bot.errors import DatabaseUnusable
from bot.settings import Settings
from bot.storage.servers import approved_in
from bot.talk.finding import Finding, Level

if TYPE_CHECKING:
    from bot.mcp.looking import Looked

TOPIC = "mcp"
MOST_NAMED = 5  # tools that cannot be used


@dataclass(frozen=True, slots=True)
class ServersExam:
    """Implements `bot.ports.Examined`. That `MCP_FILE` can be read was found when the settings were."""

    settings: Settings

    async def examine(self) -> Sequence[Finding]:
        settings = self.settings
        try:
            approved = await approved_in(settings.database, settings.data.dir)
        except DatabaseUnusable:  # the database's own finding says more
            approved = ()
        looked = await look_at(settings, settings.mcp.servers, approved)
        nowhere = {each.name for each in settings.mcp.servers if not (each.guilds or each.local)}
        return [_finding(each, nowhere=each.server in nowhere) for each in looked]


def _finding(looked: Looked, *, nowhere: bool) -> Finding:
    from bot.mcp.definition import label  # noqa: PLC0415 - see `bot.app.servers`
    from bot.mcp.looking import State  # noqa: PLC0415 - likewise

    name = looked.server
    if looked.why:
        mend = 'See "command" or "url" of it in MCP_FILE, and whether it runs.'
        return Finding(level=Level.PROBLEM, topic=TOPIC, found=f"{name}: {looked.why}", mend=mend)
    if nowhere:
        mend = 'Name "guilds", or "local": true, in MCP_FILE.'
        return Finding(level=Level.WARNING, topic=TOPIC, found=f"{name}: it may be used nowhere", mend=mend)
    states = [state for _, state in looked.tools]
    usable = states.count(State.APPROVED)
    waiting = sum(state in {State.NEW, State.CHANGED, State.WITHDRAWN} for state in states)
    unusable = [label(definition.tool) for definition, state in looked.tools if state is State.UNUSABLE]
    named = (
        f" ({', '.join([*unusable[:MOST_NAMED], *(['…'] if len(unusable) > MOST_NAMED else [])])})" if unusable else ""
    )
    found = f"{name}: {usable} tools approved, {waiting} waiting, {len(unusable)} that cannot be used{named}"
    if waiting or looked.gone:
        mend = f"Read `calanque mcp list {name}`, then approve what you want: calanque mcp approve {name}"
        return Finding(level=Level.WARNING, topic=TOPIC, found=found, mend=mend)
    if unusable:
        mend = f'`calanque mcp list {name}` says why. Under "tools" in MCP_FILE, name those you want, and no others.'
        return Finding(level=Level.WARNING, topic=TOPIC, found=found, mend=mend)
    return Finding(level=Level.OK, topic=TOPIC, found=found)

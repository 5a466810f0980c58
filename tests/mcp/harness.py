"""Real tool servers in processes of their own, and the program's side of them over a store in memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.agent.toolbox import Ran, Toolbox
from bot.app.web import guarded_clients
from bot.mcp.connection import Opening
from bot.mcp.definition import read
from bot.mcp.servers import Servers
from bot.operate.clock import SystemClock
from bot.ports.servers import Approved
from bot.ports.tool import CallContext
from bot.settings import Settings, ToolServer
from bot.talk.message import Conversation, Person, Place
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate
from tests.fakes import FakeCounters

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "tests" / "mcp" / "bare.py"
HERE = Conversation(place=Place(platform="local", id="page"))
SOMEBODY = Person(platform="local", id="ana", name="Ana")
LONGEST = 256 * 1024
SECONDS = 30.0


def bare(mode: str = "well", file: Path | None = None, **more: Any) -> ToolServer:
    """The server in `bare.py`, allowed on the local page."""
    args = (str(BARE), mode, *([str(file)] if file is not None else []))
    given = {"name": "harbour", "command": sys.executable, "args": args, "local": True, **more}
    return ToolServer.model_validate(given)


def sdk() -> ToolServer:
    """One made of the SDK's classes."""
    return ToolServer(
        name="sdk", command=sys.executable, args=("-m", "tests.mcp.sdk_server"), cwd=ROOT, local=True, seconds=30
    )


def words(ran: Ran) -> str:
    """What it gave, or why it did not, without the marks that say whose words these are."""
    first, *lines, last = ran.content.splitlines()
    assert "words of others" in first
    assert last.startswith("[/DATA ")
    return "\n".join(lines)


async def until(true: Callable[[], object]) -> None:
    """What another process does can only be looked for."""
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110 - nothing in this process tells
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class FakeApproved:
    """Implements `bot.ports.servers.ApprovedTools`."""

    rows: dict[tuple[str, str], Approved] = field(default_factory=dict[tuple[str, str], Approved])

    async def approved_tools(self) -> Sequence[Approved]:
        return tuple(self.rows.values())

    async def approve_tools(self, approved: Sequence[Approved]) -> None:
        self.rows.update({(each.server, each.tool): each for each in approved})

    async def withdraw_tool(self, server: str, tool: str, *, digest: str, at: datetime) -> bool:
        row = self.rows.get((server, tool))
        if row is None or row.digest != digest or row.withdrawn is not None:
            return False
        self.rows[server, tool] = replace(row, withdrawn=at)
        return True

    async def forget_tools(self, server: str, tool: str | None = None) -> int:
        gone = [key for key in self.rows if key[0] == server and tool in {None, key[1]}]
        for key in gone:
            del self.rows[key]
        return len(gone)

    def approve(self, server: str, *said: dict[str, Any]) -> None:
        """As the operator does, from what a server said."""
        for each in read(server, said):
            at = datetime.now(UTC)
            row = Approved(server=server, tool=each.tool, digest=each.digest, text=each.text, at=at)
            self.rows[server, each.tool] = row


def tide(name: str = "tide", description: str = "Tell the tide.") -> dict[str, Any]:
    """As `bare.py` lists it."""
    schema = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
    return {"name": name, "description": description, "inputSchema": schema}


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    servers: Servers
    toolbox: Toolbox
    approved: FakeApproved
    counters: FakeCounters

    @property
    def offered(self) -> list[str]:
        return [tool.name for tool in self.servers.tools()]

    def count(self, name: str) -> float:
        return sum(count for (each, _), count in self.counters.counts.items() if each == name)

    async def approve_all(self, name: str) -> None:
        """All that the server lists by now, taken up at once."""
        await until(lambda: self.servers.listed(name))
        for each in self.servers.listed(name):
            at = datetime.now(UTC)
            row = Approved(server=name, tool=each.tool, digest=each.digest, text=each.text, at=at)
            self.approved.rows[name, each.tool] = row
        await self.servers.take_up()

    async def call(self, tool: str, arguments: str = '{"place": "Cassis"}', at: Conversation = HERE) -> Ran:
        context = CallContext(asker=SOMEBODY, conversation=at, now=datetime.now(UTC), timezone="UTC")
        (ran,) = await self.toolbox.run([Call(id="1", name=tool, arguments=arguments)], context)
        return ran


@asynccontextmanager
async def joined(
    *servers: ToolServer, approved: FakeApproved | None = None, start_seconds: float = SECONDS, seconds: float = 30
) -> AsyncGenerator[Joined]:
    """The program's side, running. `seconds`: of one call."""
    approved, counters = approved or FakeApproved(), FakeCounters()
    async with guarded_clients(Settings().web) as clients:
        opening = Opening(longest=LONGEST, seconds=start_seconds, clock=SystemClock(), new_client=clients.to)
        joined = Servers(servers, approved, opening, reserved=("clock",), counters=counters)
        await joined.load()
        toolbox = Toolbox((), seconds=seconds, chars=3000, calls=4, gate=OpenGate(), foreign=joined.tools)
        task = asyncio.create_task(joined.run())
        try:
            yield Joined(servers=joined, toolbox=toolbox, approved=approved, counters=counters)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

"""One connection to a server, from its start to its end, within one task: listing its tools, and calling them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import cast

from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp_types import (
    CONNECTION_CLOSED,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    PaginatedRequestParams,
    ToolListChangedNotification,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from bot.errors import BackendError, BadCall
from bot.mcp.child import child
from bot.mcp.definition import MOST_TOOLS
from bot.mcp.http import NewClient, over_http
from bot.mcp.sieve import Sieve, Unreadable, sifted
from bot.ports import Clock
from bot.settings import ToolServer

MOST_PAGES = 50  # of one listing
MOST_LISTED = 2000  # tools looked at in one listing, to find those that are allowed
TERMINATED = "Session terminated"  # as the SDK says it for a server that does not know us any more
REASON_CHARS = 300  # of what a server says went wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a server says it has. `unreadable`: what is not described as it has to be; `more`: it lists more than is
    looked at."""

    tools: tuple[Mapping[str, object], ...]
    unreadable: tuple[Unreadable, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How connections are opened. `longest`: bytes of a message; `seconds` to start, and to list."""

    longest: int
    seconds: float
    clock: Clock
    new_client: NewClient


class Connection:
    """`gone` is set when the server is known to have left; of one over HTTP nobody knows before it is asked."""

    def __init__(self, server: ToolServer, client: Client, sieve: Sieve, gone: asyncio.Event) -> None:
        self._server = server
        self._client = client
        self._sieve = sieve
        self.gone = gone

    async def listed(self) -> Listed:
        """All pages. Raises BackendError."""
        found: list[Mapping[str, object]] = []
        unreadable: list[Unreadable] = []
        cursor: str | None = None
        seen = 0
        for _ in range(MOST_PAGES):
            try:
                page = await self._client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
            except (MCPError, ValidationError, ValueError, RuntimeError) as error:
                raise BackendError(f"it does not say which tools it has ({type(error).__name__})") from None
            unreadable += [each for each in self._sieve.taken() if self._wanted(each.name)]
            del unreadable[MOST_TOOLS:]
            for tool in page.tools:
                seen += 1
                if self._wanted(tool.name):
                    found.append(tool.model_dump(by_alias=True, mode="json", exclude_none=True))
                if len(found) > MOST_TOOLS or seen >= MOST_LISTED:
                    return Listed(tools=tuple(found[:MOST_TOOLS]), unreadable=tuple(unreadable), more=True)
            cursor = page.next_cursor
            if cursor is None:
                return Listed(tools=tuple(found), unreadable=tuple(unreadable))
        return Listed(tools=tuple(found), unreadable=tuple(unreadable), more=True)

    def _wanted(self, tool: str) -> bool:
        return self._server.tools is None or tool in self._server.tools

    async def call(self, tool: str, arguments: Mapping[str, object]) -> CallToolResult:
        """Raises BadCall with what the server says, and BackendError where it is not there any more.

        Not through the client's own `call_tool`: that checks results against the server's schema, at any cost, and
        does what a server asks for before it answers.
        """
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
        try:
            return await self._client.session.send_request(request, CallToolResult)
        except MCPError as error:
            if self.gone.is_set() or error.code == CONNECTION_CLOSED or error.message == TERMINATED:
                raise BackendError("it ended in the middle of a call") from None
            said = "".join(each if each.isprintable() else " " for each in error.message[:REASON_CHARS])
            raise BadCall(f"the server refused the call: {said}") from None
        except (ValidationError, ValueError, RuntimeError) as error:
            raise BadCall(f"the server gave no result that can be read ({type(error).__name__})") from None

    async def changes(self, changed: Callable[[], None]) -> None:
        """Tell of each change that a server of the newest kind announces; older ones announce it by themselves."""
        if self._client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            return
        try:
            async with self._client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    changed()
        except (MCPError, SubscriptionLost, RuntimeError, TimeoutError):
            return  # it is asked from time to time anyhow


@asynccontextmanager
async def connected(server: ToolServer, opening: Opening, changed: Callable[[], None]) -> AsyncGenerator[Connection]:
    """Within it the server is there; `changed` is called when it says that its tools have changed.

    It must be left by the task that entered it. Raises BackendError where the server does not start, or not in time.
    """
    gone = asyncio.Event()

    async def hear(message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed()

    if server.command:
        transport = child(
            server.name,
            server.command,
            server.args,
            env=server.env,
            cwd=server.cwd,
            longest=opening.longest,
            clock=opening.clock,
            gone=gone,
        )
    else:
        transport = over_http(
            server.url,
            server.headers,
            longest=opening.longest,
            clock=opening.clock,
            new_client=opening.new_client,
        )
    sieve = Sieve(lambda: client.protocol_version)
    client = Client(
        cast("object", sifted(transport, sieve)),  # pyright: ignore[reportArgumentType] # its protocol is of the same shape
        message_handler=hear,
        client_info=Implementation(name="calanque", version="1"),
        cache=None,
    )
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(opening.seconds):
                await stack.enter_async_context(client)
        except TimeoutError:
            raise BackendError(f"it did not start within {opening.seconds:g} s") from None
        yield Connection(server, client, sieve, gone)

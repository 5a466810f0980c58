"""Tool servers of others: joined to the running program, and what the command line does about them.

The SDK is loaded where it is used: it takes a second, which nobody has to wait for who has no servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app.parts import Shared
from bot.app.web import guarded_clients
from bot.documents.reader import DocumentReader
from bot.errors import BackendError, SettingsError, UserError
from bot.operate.clock import SystemClock
from bot.ports import Clock
from bot.ports.servers import Approved, NoServers, ToolServers
from bot.settings import Settings, ToolServer
from bot.storage.store import SqlStore, open_store
from bot.talk.document import ImageDocument
from bot.talk.turn import Image
from bot.web.client import Clients
from tools import TOOLS

if TYPE_CHECKING:
    from bot.mcp.connection import Opening
    from bot.mcp.looking import Looked
    from bot.mcp.servers import Servers

KIB = 1024
OURS = tuple(tool.name for tool in TOOLS)


@asynccontextmanager
async def tool_servers(
    shared: Shared, store: SqlStore, documents: DocumentReader, clients: Clients
) -> AsyncGenerator[ToolServers]:
    """Within it they are kept running. A start waits for none of them."""
    if not shared.settings.mcp.servers:
        yield NoServers()
        return

    async def picture(media_type: str, data: bytes) -> Image | None:
        try:
            document = await documents.read("picture", media_type, data)
        except (UserError, BackendError):  # no picture, or one that broke what opens it
            return None
        if not isinstance(document, ImageDocument):
            return None
        await store.save_image(document.image, document.data)
        return document.image

    kind = await asyncio.to_thread(_load)
    servers = kind(
        shared.settings.mcp.servers,
        store,
        _opening(shared.settings, shared.clock, clients),
        reserved=OURS,
        counters=shared.counters,
        pictures=picture,
    )
    await servers.load()
    task = asyncio.create_task(servers.run(), name="tool servers")
    try:
        yield servers
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _load() -> type[Servers]:
    from bot.mcp.servers import Servers  # noqa: PLC0415 - see the module's docstring

    return Servers


def _opening(settings: Settings, clock: Clock, clients: Clients) -> Opening:
    from bot.mcp.connection import Opening  # noqa: PLC0415 - likewise

    return Opening(
        longest=settings.mcp.result_kib * KIB,
        seconds=settings.mcp.start_seconds,
        clock=clock,
        new_client=clients.to,
    )


async def list_servers(settings: Settings, server: str | None, *, as_json: bool) -> str:
    """What each server, or one, says of its tools, and what is approved of them. Raises OperatorError."""
    from bot.mcp.looking import as_json as written  # noqa: PLC0415 - likewise
    from bot.mcp.looking import as_text  # noqa: PLC0415 - likewise

    wanted = _named(settings, server)
    async with open_store(settings.database, settings.data.dir, clock=SystemClock()) as store:
        looked = await _look(settings, wanted, store)
    return written(looked) if as_json else as_text(looked, whole=server is not None)


async def approve_tools(
    settings: Settings, server: str, tool: str | None, *, sure: Callable[[str], Awaitable[bool]]
) -> str:
    """Approve what a server says of its tools now, or of one. `sure` is shown exactly what. Raises OperatorError."""
    from bot.mcp.looking import State, as_text, only  # noqa: PLC0415 - likewise

    clock = SystemClock()
    async with open_store(settings.database, settings.data.dir, clock=clock) as store:
        (looked,) = await _look(settings, _named(settings, server), store)
        if looked.why:
            raise SettingsError(f"the tool server {server} cannot be asked: {looked.why}")
        if tool is not None:
            looked = only(looked, tool)
        wanted = [each for each, state in looked.tools if state not in {State.APPROVED, State.UNUSABLE}]
        if not wanted:
            return as_text([looked], whole=False) + "\nThere is nothing to approve."
        if not await sure(as_text([looked], whole=True)):
            return "Nothing was approved."
        at = clock.now()
        await store.approve_tools(
            [Approved(server=server, tool=each.tool, digest=each.digest, text=each.text, at=at) for each in wanted]
        )
    return f"{len(wanted)} tools of {server} are approved; a bot that runs takes them up within half a minute."


async def forget_tools(settings: Settings, server: str, tool: str | None) -> str:
    """No tool of a server, or not this one, is approved any more. Needs no server. Raises OperatorError."""
    async with open_store(settings.database, settings.data.dir, clock=SystemClock()) as store:
        count = await store.forget_tools(server, tool)
    return f"{count} tools of {server} are not approved any more."


async def _look(settings: Settings, servers: tuple[ToolServer, ...], store: SqlStore) -> tuple[Looked, ...]:
    return await look_at(settings, servers, await store.approved_tools())


async def look_at(
    settings: Settings, servers: Sequence[ToolServer], approved: Sequence[Approved]
) -> tuple[Looked, ...]:
    """What each says of its tools, beside what is approved of them. Raises SettingsError for `WEB_…` that is wrong."""
    from bot.mcp.looking import look  # noqa: PLC0415 - likewise

    async with guarded_clients(settings.web) as clients:
        return await look(servers, _opening(settings, SystemClock(), clients), approved, reserved=OURS)


def _named(settings: Settings, server: str | None) -> tuple[ToolServer, ...]:
    servers = settings.mcp.servers
    if settings.mcp.file is None:
        raise SettingsError("MCP_FILE is not set, so there are no tool servers; docs/mcp.md says how to name some")
    found = tuple(each for each in servers if server in {None, each.name})
    if server is not None and not found:
        names = ", ".join(each.name for each in servers) or "none"
        raise SettingsError(f"{settings.mcp.file} names no server {server!r}; there are: {names}")
    return found

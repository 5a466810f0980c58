"""A small internet on loopback: a real DNS server, a real web server for what may be read, and traps everywhere else.

What is dialled is decided below whoever is measured: public addresses are the web server's, and every other address
and port leads to a trap, as if each of these networks were there.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

import httpcore
import httpx

from benchmarks.ssrf_urls import OPEN, PUBLIC, PUBLIC6, Written
from bot.operate.clock import SystemClock
from bot.web.address import Refused
from bot.web.client import guarded_client
from bot.web.fetching import Broken, Fetcher, FetchLimits
from bot.web.guard import Bounds, Guard, dial
from bot.web.ranges import canonical, public
from tests.web.hosts import Host, Request, host, response
from tests.web.names import AskingResolver, name_server

SECONDS = 2.0
"""For one address, as it is tried."""

WELCOME = b"<title>Welcome</title><p>This may be read."


class Reads(Protocol):
    async def __call__(self, url: str) -> bytes:
        """The page; b"" where there is none or it is refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`trap`: where connections go that must not be made."""

    trap: Host
    site: Host
    names: AskingResolver

    async def dial(self, address: str, port: int, *, seconds: float) -> httpcore.AsyncNetworkStream:
        there = canonical(address)
        if address in {PUBLIC, PUBLIC6} and port in {80, 443, self.trap.port}:
            return await dial("127.0.0.1", self.site.port, seconds=SECONDS)
        if there is not None and public(there) and port in {80, 443}:
            raise httpcore.ConnectError("nobody is there")
        if there is not None and there.is_loopback:
            return await dial(address, port, seconds=SECONDS)
        return await dial("127.0.0.1", self.trap.port, seconds=SECONDS)


@asynccontextmanager
async def world(written: Written, *, port: int) -> AsyncGenerator[World]:
    """`port` must be free on every address of this machine."""

    async def serve(request: Request, writer: asyncio.StreamWriter) -> None:
        to = written.leads.get(request.target)
        if to is None:
            writer.write(response(WELCOME))
        else:
            writer.write(response("", status="302 Found", Location=to.encode().decode("latin-1")))

    async def caught(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(response("SECRET"))

    def records(name: str, before: int) -> Sequence[tuple[str, str]]:
        if name.startswith("rebind-") and before % 2 == 0:
            return [("A", PUBLIC)]
        return written.records.get(name, [("A", PUBLIC), ("AAAA", PUBLIC6)] if name not in written.records else [])

    async with AsyncExitStack() as stack:
        trap = await stack.enter_async_context(host(caught, address="0.0.0.0", port=port))
        site = await stack.enter_async_context(host(serve))
        server = await stack.enter_async_context(name_server(records))
        yield World(trap=trap, site=site, names=AskingResolver(server.port))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        return int(taken.getsockname()[1])


def own_addresses() -> Sequence[str]:
    """IPv4 addresses of this machine that others see."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found.append(str(probe.getsockname()[0]))
        except OSError:
            pass
    return [each for each in found if each != "0.0.0.0"]


@asynccontextmanager
async def ours(there: World, *, ports: Sequence[int]) -> AsyncGenerator[Reads]:
    guard = Guard(there.names, bounds=Bounds(ports=frozenset({80, 443, *ports})), dial=there.dial)
    limits = FetchLimits(total_seconds=5.0, silent_seconds=SECONDS, pause=0.0)
    async with guarded_client(guard, ssl.create_default_context()) as client:
        fetcher = Fetcher(client, guard, limits, clock=SystemClock())

        async def read(url: str) -> bytes:
            try:
                return (await fetcher.fetch(url)).data
            except (Refused, Broken):
                return b""

        yield read


class _Plain(httpcore.AsyncNetworkBackend):
    """Connects as any program does: asks for the name, and takes the first answer."""

    def __init__(self, there: World) -> None:
        self._there = there

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            address = (await found(self._there, host))[0]
        except (OSError, UnicodeError, IndexError):
            raise httpcore.ConnectError("no such host") from None
        return await self._there.dial(address, port, seconds=SECONDS)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def found(there: World, host: str) -> Sequence[str]:
    """As the system reads a number of any kind and the names of this machine; else as the DNS server says."""
    if host.lower().rstrip(".").endswith(".example") or host == OPEN:
        return await there.names.resolve(host.rstrip("."), absolute=True)
    flags = 0 if host.lower().startswith("localhost") else socket.AI_NUMERICHOST
    rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    return [str(row[4][0]) for row in rows]


@asynccontextmanager
async def naive(there: World) -> AsyncGenerator[Reads]:
    """What many programs do: look the host up, refuse private addresses, then let httpx read and follow redirects."""
    transport = httpx.AsyncHTTPTransport()
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_Plain(there))  # pyright: ignore[reportPrivateUsage]
    async with httpx.AsyncClient(transport=transport, follow_redirects=True, timeout=SECONDS) as client:

        async def read(url: str) -> bytes:
            try:
                name = urlsplit(url).hostname or ""
                if any(ip_address(each.partition("%")[0]).is_private for each in (await found(there, name))[:1]):
                    return b""
                return (await client.get(url)).content
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
                return b""

        yield read


async def try_all(read: Reads, urls: Sequence[str], *, at_once: int = 8) -> Mapping[str, bytes]:
    """What each address gave. Those whose name changes in between are tried again."""
    given: dict[str, bytes] = {}
    waiting = iter(urls)

    async def work() -> None:
        for url in waiting:
            given[url] = await read(url)
            if "rebind" in url:
                await read(url)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    return given

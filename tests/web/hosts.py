"""Real web servers on loopback, and a way to them that begins below the guard: a public address stands for each."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpcore

from bot.operate.clock import SystemClock
from bot.ports import Clock
from bot.web.address import Named
from bot.web.client import guarded_client
from bot.web.fetching import Fetcher, FetchLimits
from bot.web.guard import Bounds, Guard, dial
from bot.web.resolving import Resolver
from tests.web.names import AskingResolver, Records, name_server

HERE = "93.184.216.34"
"""A public address that stands for the test's own server."""

HANDSHAKE = b"\x16"
"""How TLS begins, as it comes to a host that has none."""

AT_ONCE = FetchLimits(pause=0.0)

Serve = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Host:
    """A server that answers as `serve` does; `seen`: what it was asked; `connections`: made to it."""

    port: int = 0
    seen: list[Request] = field(default_factory=list[Request])
    connections: int = 0


def response(
    body: bytes | str, *, media: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str
) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": media, "Content-Length": str(len(data)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + data


def says(answer: bytes) -> Serve:
    """The same to everybody."""

    async def serve(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return serve


def paths(answers: Mapping[str, bytes]) -> Serve:
    """By path; 404 elsewhere."""

    async def serve(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.get(request.target, response("no", status="404 Not Found")))

    return serve


@asynccontextmanager
async def host(
    serve: Serve, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
) -> AsyncGenerator[Host]:
    served = Host()
    writers: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            begun = await reader.readexactly(1)
            if begun == HANDSHAKE:
                raise ConnectionError("this host speaks no TLS")
            head = (begun + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            method, target, _ = first.split(" ", 2)
            pairs = (line.partition(":") for line in lines)
            request = Request(method=method, target=target, headers={a.lower(): b.strip() for a, _, b in pairs})
            served.seen.append(request)
            await serve(request, writer)
            await writer.drain()
        writer.close()
        writers.discard(writer)

    server = await asyncio.start_server(answer, address, port, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for writer in list(writers):
            writer.transport.abort()
        await asyncio.sleep(0)


class Mapped:
    """Dials as `to` says: (public address, port) → port on loopback; whatever else is dialled is noted and refused."""

    def __init__(self, to: Mapping[tuple[str, int], int]) -> None:
        self._to = to
        self.dialled: list[tuple[str, int]] = []

    async def __call__(self, address: str, port: int, *, seconds: float) -> httpcore.AsyncNetworkStream:
        self.dialled.append((address, port))
        if (address, port) not in self._to:
            raise httpcore.ConnectError("nobody is there")
        return await dial("127.0.0.1", self._to[address, port], seconds=seconds)


class Names:
    """A resolver without a server."""

    def __init__(self, found: Mapping[str, tuple[str, ...]]) -> None:
        self._found = found

    async def resolve(self, host: str, *, absolute: bool) -> tuple[str, ...]:
        if host not in self._found:
            raise OSError("no such host")
        return self._found[host]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    fetcher: Fetcher
    guard: Guard
    mapped: Mapped


@asynccontextmanager
async def web(
    to: Mapping[tuple[str, int], int],
    *,
    resolver: Resolver | None = None,
    records: Records | None = None,
    limits: FetchLimits = AT_ONCE,
    bounds: Bounds | None = None,
    named: tuple[Named, ...] = (),
    tls: ssl.SSLContext | None = None,
    clock: Clock | None = None,
) -> AsyncGenerator[Web]:
    """`records`: of a real DNS server; else every name stands for HERE, unless `resolver` says what."""
    async with AsyncExitStack() as stack:
        if records is not None:
            server = await stack.enter_async_context(name_server(records))
            resolver = AskingResolver(server.port)
        mapped = Mapped(to)
        guard = Guard(resolver or Everywhere(), bounds=bounds, named=named, dial=mapped, own=lambda _: False)
        client = await stack.enter_async_context(guarded_client(guard, tls or ssl.create_default_context()))
        yield Web(fetcher=Fetcher(client, guard, limits, clock=clock or SystemClock()), guard=guard, mapped=mapped)


class Everywhere:
    async def resolve(self, host: str, *, absolute: bool) -> tuple[str, ...]:
        return (HERE,)

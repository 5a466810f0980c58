"""HTTP for streams of tokens, as a transport of httpx: what arrives close together is read together.

httpx's own transport wakes the program for every token and brings it up through eight layers: 0.4 ms of CPU each, more
than all that is ours. Here a stream is read every `GULP_SECONDS` at most, which nobody sees: no screen is brought up to
date more often. A connection serves one request and is closed with its response.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress
from typing import cast

import h11
import httpx

GULP_SECONDS = 0.05
"""Between two readings of a stream; the first comes at once, and so does whatever comes later than that."""

GULP_BYTES = 2**16
HEAD_BYTES = 2**16
"""Longest head of a response."""

_HTTPS = "https"


class GulpTransport(httpx.AsyncBaseTransport):
    """Of the time limits only `connect` is kept here: whoever reads a stream knows how long each part may take."""

    def __init__(self) -> None:
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.ConnectError, ConnectTimeout, NetworkError or RemoteProtocolError."""
        connection = await self._connected(request)
        try:
            head = await connection.ask(request)
        except BaseException:
            await connection.aclose()
            raise
        return httpx.Response(head.status_code, headers=list(head.headers), stream=connection)

    async def _connected(self, request: httpx.Request) -> _Connection:
        url = request.url
        secure = url.scheme == _HTTPS
        if secure and self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)  # reads all authorities that are trusted
        port = url.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(request.extensions["timeout"]["connect"]):
                reader, writer = await asyncio.open_connection(url.host, port, ssl=self._tls if secure else None)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time", request=request) from error
        except (OSError, UnicodeError) as error:  # the latter for a name that cannot be one
            raise httpx.ConnectError(type(error).__name__, request=request) from error
        return _Connection(reader, writer)


class _Connection(httpx.AsyncByteStream):
    """One request and the body of its response, in blocks of what came together."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._transport = cast("asyncio.Transport", writer.transport)
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._read_at = float("-inf")
        self._drained = False
        """Whether the last reading took all that had come."""

    async def ask(self, request: httpx.Request) -> h11.Response:
        with _errors():
            asked = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            self._write(asked)
            assert isinstance(request.stream, httpx.AsyncByteStream)
            async for block in request.stream:
                self._write(h11.Data(data=block))
            self._write(h11.EndOfMessage())
            with suppress(OSError):  # it may have refused before it had read all, and then says so
                await self._writer.drain()
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Response):
                    return event
                if event is h11.NEED_DATA:
                    await self._receive()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        with _errors():
            while True:
                whole = bytearray()
                while isinstance(event := self._http.next_event(), h11.Data):
                    whole += event.data
                if whole:
                    yield bytes(whole)
                if event is not h11.NEED_DATA:
                    return
                await self._gather()
                await self._receive()

    async def aclose(self) -> None:
        """At once, so that the engine notices that nobody reads any more."""
        self._transport.abort()

    def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")

    async def _gather(self) -> None:
        """Let more come, unless it is there already or nothing has come for a while. The system keeps it meanwhile."""
        wait = self._read_at + GULP_SECONDS - asyncio.get_running_loop().time()
        if wait <= 0 or not self._drained:
            return
        self._transport.pause_reading()
        try:
            await asyncio.sleep(wait)
        finally:
            self._transport.resume_reading()

    async def _receive(self) -> None:
        received = await self._reader.read(GULP_BYTES)
        self._http.receive_data(received)
        self._read_at = asyncio.get_running_loop().time()
        self._drained = len(received) < GULP_BYTES


@contextmanager
def _errors() -> Generator[None]:
    """Those of the system and of the protocol as httpx calls them."""
    try:
        yield
    except OSError as error:
        raise httpx.NetworkError(type(error).__name__) from error
    except h11.ProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error

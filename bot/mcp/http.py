"""A server over HTTP: what the SDK sends goes through a client of ours, which knows what may be reached, within bounds.

The SDK speaks through httpx2; the rest of the program, and the guard of the web, through httpx. This joins them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import cast

import httpx
import httpx2
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage

from bot.mcp.throttle import A_MESSAGE, Throttle
from bot.ports import Clock

CONNECT_SECONDS = 15.0  # to connect, and to send
LEAVE_SECONDS = 2.0  # for an answer to our leaving
REQUESTS_A_SECOND, BURST_REQUESTS = 10, 60  # a server can make the SDK ask anew at once, and again
EVENTS = "text/event-stream"
OWN_HEADERS = frozenset(("host", "content-length", "transfer-encoding", "accept-encoding", "connection"))

NewClient = Callable[[str], Awaitable[httpx.AsyncClient]]
"""A client for one address that an operator named, closed by whoever asked for it. Raises BackendError where the
address cannot be used."""

Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def over_http(
    url: str, headers: Mapping[str, str], *, longest: int, clock: Clock, new_client: NewClient
) -> AsyncGenerator[Streams]:
    """A transport of the SDK. `longest`: bytes of an answer, and of each event where the answer is a stream of them."""
    async with await new_client(url) as client:
        bridge = _Bridge(client, headers, longest=longest, clock=clock)
        async with (
            httpx2.AsyncClient(transport=bridge, trust_env=False, follow_redirects=False) as outer,
            streamable_http_client(url, http_client=outer, max_sse_event_size=longest) as streams,
        ):
            yield cast("Streams", streams)


class TooLarge(httpx2.StreamError):
    """The SDK takes it for a broken answer to the one request that it belongs to."""


class _Bridge(httpx2.AsyncBaseTransport):
    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str], *, longest: int, clock: Clock) -> None:
        self._client = client
        self._headers = headers
        self._longest = longest
        self._clock = clock
        self._requests = Throttle(clock, rate=REQUESTS_A_SECOND, burst=BURST_REQUESTS)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises httpx2.ConnectError for whatever keeps it from being sent."""
        headers = {name: value for name, value in request.headers.items() if name not in OWN_HEADERS}
        sent = self._client.build_request(
            request.method,
            str(request.url),
            # Nothing is unpacked, so that what is counted is what there is.
            headers={**headers, **self._headers, "accept-encoding": "identity"},
            content=await request.aread(),
            # How long an answer may take, the caller knows; but nobody stands behind the last request of all.
            timeout=httpx.Timeout(CONNECT_SECONDS, read=LEAVE_SECONDS if request.method == "DELETE" else None),
        )
        await self._requests.take(1)
        try:
            answer = await self._client.send(sent, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            raise httpx2.ConnectError(type(error).__name__) from None
        packed = answer.headers.get("content-encoding", "identity").lower() != "identity"
        body = _Body(answer, longest=0 if packed else self._longest, clock=self._clock)
        said = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-encoding"]
        return httpx2.Response(answer.status_code, headers=said, stream=body)


class _Body(httpx2.AsyncByteStream):
    """An answer's bytes: so many at most, or, of a stream of events, only so fast."""

    def __init__(self, answer: httpx.Response, *, longest: int, clock: Clock) -> None:
        self._answer = answer
        self._longest = longest
        self._throttle = Throttle(clock)
        self._events = longest > 0 and answer.headers.get("content-type", "").lower().startswith(EVENTS)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._answer.aiter_raw():
                size += len(chunk)
                if not self._events and size > self._longest:
                    raise TooLarge("the answer is too large, or packed")
                await self._throttle.take(len(chunk) + A_MESSAGE * chunk.count(b"\n\n"))
                yield chunk
        except httpx.HTTPError as error:
            raise httpx2.ReadError(type(error).__name__) from None

    async def aclose(self) -> None:
        await self._answer.aclose()

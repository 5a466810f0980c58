"""Clients of httpx whose connections go through the guard: no proxies, no cookies, no credentials from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Generator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpcore
import httpx

from bot.errors import BackendError
from bot.web.address import Named, Refused, parse
from bot.web.guard import Guard

USER_AGENT = "Calanque (a private chat bot; reads pages that people ask it about)"
CONNECTIONS = 16
KEPT = 4
"""Connections to a server of the operator's that stand open between requests."""

_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.NetworkError, httpx.NetworkError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.ProtocolError, httpx.ProtocolError),
    (httpcore.TimeoutException, httpx.TimeoutException),
)


class NotAdmitted(httpx.ConnectError):
    """The guard refused; the message says why."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """`keep`: connections that may stand open between requests; each was checked when it was opened."""

    def __init__(self, guard: Guard, tls: SSLContext, *, keep: int = 0) -> None:
        self._guard = guard
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=CONNECTIONS, max_keepalive_connections=keep, network_backend=guard
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NotAdmitted, and httpx's errors."""
        url = request.url
        with _translated(request):
            self._guard.check(str(url))
            assert isinstance(request.stream, httpx.AsyncByteStream)
            response = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    # Nothing that says where to connect to, or under which name.
                    extensions={name: value for name, value in request.extensions.items() if name == "timeout"},
                )
            )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions={"http_version": response.extensions.get("http_version", b"HTTP/1.1")},
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        with _translated(None):
            async for block in self._response.aiter_stream():
                yield block

    async def aclose(self) -> None:
        await self._response.aclose()


def guarded_client(
    guard: Guard,
    tls: SSLContext,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: httpx.Timeout | None = None,
    auth: httpx.Auth | None = None,
    keep: int = 0,
) -> httpx.AsyncClient:
    """A client for which only what the guard admits exists. Redirects are not followed."""
    return httpx.AsyncClient(
        transport=GuardedTransport(guard, tls, keep=keep),
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        timeout=timeout or httpx.Timeout(10.0),
        auth=auth,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
        trust_env=False,
        follow_redirects=False,
    )


def authorities() -> SSLContext:
    """Whom to believe who a host is. Reads files: not for the event loop."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _translated(request: httpx.Request | None) -> Generator[None]:
    try:
        yield
    except Refused as error:
        raise NotAdmitted(str(error), request=request) from error
    except Exception as error:
        for theirs, ours in _ERRORS:
            if isinstance(error, theirs):
                raise ours(type(error).__name__, request=request) from error
        raise


class Clients:
    """Makes guarded clients, for whoever talks to servers that somebody named."""

    def __init__(self, guard: Guard, *, tls: SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls

    async def new(
        self,
        *,
        named: Collection[Named] = (),
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        auth: httpx.Auth | None = None,
        keep: int = 0,
    ) -> tuple[httpx.AsyncClient, Guard]:
        """A client, to be closed by whoever asked for it, and its guard. `named`: more hosts that may be local."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(authorities)
        guard = self._guard.with_named(named)
        return guarded_client(guard, self._tls, headers=headers, timeout=timeout, auth=auth, keep=keep), guard

    async def to(self, url: str) -> httpx.AsyncClient:
        """A client for a server that the operator named, be it a local one. Raises BackendError for no address."""
        try:
            address = parse(url)
        except Refused as error:
            raise BackendError(f"its address cannot be used: {error}") from None
        client, _ = await self.new(named=[Named(host=address.host, port=address.port)], keep=KEPT)
        return client

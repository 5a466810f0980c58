"""discord.py's connection, with two changes made on one object instead of in the library's globals.

Addresses can point to another server (a proxy, a test), and the gateway is read more slowly while the inbox is full.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import aiohttp
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

Room = Callable[[], Awaitable[None]]
"""Returns when the next gateway message may be read."""

Dated = Callable[[str | None], None]
"""Takes the Date of every answer: Discord's own time."""

RATE_LIMIT_SECONDS = 60.0
"""Longest wait that Discord may impose on one request; longer ones fail and are tried again by the outbox."""


class Wire(HTTPClient):
    """`api` and `gateway` replace Discord's addresses; where only `api` is set, the gateway that it names is used."""

    def __init__(
        self,
        *,
        api: str | None = None,
        gateway: str | None = None,
        room: Room | None = None,
        dated: Dated | None = None,
    ) -> None:
        trace = None if dated is None else _tracing(dated)
        super().__init__(asyncio.get_running_loop(), max_ratelimit_timeout=RATE_LIMIT_SECONDS, http_trace=trace)
        self._api = api
        self._gateway = yarl.URL(gateway) if gateway else None
        self._gateway_is_fixed = gateway is not None
        self._room = room

    async def request(self, route: Route, **kwargs: Any) -> Any:
        if self._api is not None:
            route.url = self._api + route.url.removeprefix(Route.BASE)
        try:
            return await super().request(route, **kwargs)
        except RuntimeError as error:  # what aiohttp says of a closed session
            raise aiohttp.ClientConnectionError("the connection to Discord is closed") from error

    async def get_bot_gateway(self) -> Any:
        """Number of shards, address of the gateway, limits of session starts."""
        shards, url, limits = await super().get_bot_gateway()
        if self._api is not None and not self._gateway_is_fixed:
            self._gateway = yarl.URL(url)
        return shards, url, limits

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        wanted = yarl.URL(url)
        if self._gateway is not None and (
            self._gateway_is_fixed or wanted.host == DiscordWebSocket.DEFAULT_GATEWAY.host
        ):
            wanted = self._gateway.with_query(wanted.query)
        socket = await super().ws_connect(str(wanted), compress=compress)
        return socket if self._room is None else cast("aiohttp.ClientWebSocketResponse", _Gated(socket, self._room))


def _tracing(dated: Dated) -> aiohttp.TraceConfig:
    async def ended(_session: object, _context: object, answer: aiohttp.TraceRequestEndParams) -> None:
        dated(answer.response.headers.get("Date"))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return trace


class _Gated:
    """A websocket whose next message is taken only when there is room for it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, room: Room) -> None:
        self._socket = socket
        self._room = room

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
        await self._room()
        return await self._socket.receive(timeout=timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

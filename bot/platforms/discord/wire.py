"""discord.py's connection, with a few changes made on one object instead of in the library's globals.

Addresses can point to another server (a proxy, a test); the gateway is read more slowly while the inbox is full; and it
is known what became of a request that failed: whether it may have taken effect all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot.platforms.discord.times import DiscordTime

Room = Callable[[], Awaitable[None]]
"""Returns when the next gateway message may be read."""

RATE_LIMIT_SECONDS = 60.0
"""Longest wait that Discord may impose on one request; longer ones fail and are tried again by the outbox."""

BLOCKED_SECONDS = 60.0
"""Of silence after Discord's gatekeeper has shut us out (429 without `Via`) and did not say for how long."""


@dataclass(slots=True)
class Attempt:
    """What became of one request, with all the times that the library tried it.

    `once`: an answer that leaves open whether it took effect ends it; the library must not try again by itself.
    """

    once: bool = False
    under_way: bool = False
    broken: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether it may have taken effect although it failed."""
        return self.under_way or self.broken


class AnswerLost(aiohttp.ClientError):
    """Discord failed while it carried out something that must not be asked for twice."""


class Wire(HTTPClient):
    """`api` and `gateway` replace Discord's addresses; where only `api` is set, the gateway that it names is used."""

    def __init__(
        self,
        *,
        api: str | None = None,
        gateway: str | None = None,
        room: Room | None = None,
        time: DiscordTime | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop, max_ratelimit_timeout=RATE_LIMIT_SECONDS, http_trace=self._trace())
        self._api = api
        self._gateway = yarl.URL(gateway) if gateway else None
        self._gateway_is_fixed = gateway is not None
        self._room = room
        self._time = time
        self._blocked_until = float("-inf")
        self.me = ""

    def latest(self) -> datetime | None:
        """It is no later than this at Discord, as far as its answers have told."""
        return None if self._time is None else self._time.latest()

    async def static_login(self, token: str) -> Any:
        """Who we are is known from here on as `me`."""
        user = await super().static_login(token)
        self.me = str(user["id"])
        return user

    async def request(self, route: Route, *, attempt: Attempt | None = None, **kwargs: Any) -> Any:
        left = self._blocked_until - self.loop.time()
        if left > 0:
            raise discord.RateLimited(left)
        if self._api is not None:
            route.url = self._api + route.url.removeprefix(Route.BASE)
        if attempt is not None:
            kwargs["trace_request_ctx"] = attempt
        try:
            return await super().request(route, **kwargs)
        except asyncio.CancelledError:
            # Who waits out a limit on everything for all others leaves them waiting for ever when it is cancelled
            # (discord.py 2.7.1). At worst the next request is told to wait once more.
            self._global_over.set()
            raise
        except RuntimeError as error:  # what aiohttp says of a closed session
            raise aiohttp.ClientConnectionError("the connection to Discord is closed") from error
        except discord.HTTPException as error:
            if error.status == 429 and not error.response.headers.get("Via"):
                self._blocked_until = self.loop.time() + (asked_to_wait(error) or BLOCKED_SECONDS)
            raise

    def _trace(self) -> aiohttp.TraceConfig:
        async def sent(_: object, context: SimpleNamespace, __: object) -> None:
            if isinstance(attempt := context.trace_request_ctx, Attempt):
                attempt.under_way = True

        async def ended(_: object, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            if self._time is not None and str(params.url).startswith(self._api or Route.BASE):
                self._time.tells_date(params.response.headers.get("Date"))
            if isinstance(attempt := context.trace_request_ctx, Attempt):
                attempt.under_way = False
                attempt.broken = attempt.broken or params.response.status >= 500
                if attempt.broken and attempt.once:
                    params.response.close()
                    raise AnswerLost(f"Discord answered {params.response.status}")

        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(sent)  # pyright: ignore[reportArgumentType] # any context is passed on
        trace.on_request_end.append(ended)
        return trace

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


def asked_to_wait(error: discord.HTTPException) -> float | None:
    """Seconds, where the answer says how many."""
    try:
        return max(0.0, float(error.response.headers.get("Retry-After", "")))
    except ValueError:
        return None

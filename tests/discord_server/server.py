"""The server process: one aiohttp application on loopback, and the API by which tests drive it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.discord_server.cdn import DOT
from tests.discord_server.clock import Clock, SystemClock
from tests.discord_server.control import Control
from tests.discord_server.faults import Fault, Faults, Gate
from tests.discord_server.gateway import Gateway
from tests.discord_server.intents import ApplicationFlag
from tests.discord_server.people import People
from tests.discord_server.posting import Posting
from tests.discord_server.ratelimits import RateLimits
from tests.discord_server.rest import PREFIX, Api, Request
from tests.discord_server.rest_channels import ChannelRoutes
from tests.discord_server.rest_interactions import InteractionRoutes
from tests.discord_server.rest_messages import MessageRoutes
from tests.discord_server.rest_reactions import ReactionRoutes
from tests.discord_server.rest_users import UserRoutes
from tests.discord_server.rest_webhooks import WebhookRoutes
from tests.discord_server.things import Json
from tests.discord_server.webhooks import Webhooks
from tests.discord_server.world import World

ALL_FLAGS = (
    ApplicationFlag.GATEWAY_PRESENCE_LIMITED
    | ApplicationFlag.GATEWAY_GUILD_MEMBERS_LIMITED
    | ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED
)


class DiscordServer(People):
    """See the package's docstring for how tests use it."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        port: int = 0,
        flags: ApplicationFlag = ALL_FLAGS,
        rate_limits: bool = True,
        bot_name: str = "Calanque",
    ) -> None:
        self.clock = clock or SystemClock()
        world = World(self.clock, flags, bot_name=bot_name)
        posting = Posting(world)
        super().__init__(world, posting)
        self.faults = Faults()
        self.limits = RateLimits(enabled=rate_limits)
        self.api = Api(world, posting, self.limits, self.faults)
        self.gateway = Gateway(world)
        self.webhooks = Webhooks(world)
        UserRoutes(self.api, self.gateway)
        ReactionRoutes(self.api)
        ChannelRoutes(self.api)
        InteractionRoutes(self.api, self.interactions, self.app_commands)
        WebhookRoutes(self.api, self.interactions, self.webhooks)
        MessageRoutes(self.api)
        self._port = port
        self._runner: web.AppRunner | None = None
        self.api_url = ""
        self.gateway_url = ""
        self.cdn_url = ""
        self.control_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.api.routes)
        app.add_routes(Control(self).routes())
        for path in ("/gateway", "/gateway/"):
            app.router.add_get(path, self.gateway.handle)
        app.router.add_get("/cdn/{kind:attachments|proxied}/{channel_id}/{attachment_id}/{name}", self._file)
        app.router.add_get("/cdn/embed/avatars/{name}", self._avatar)
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._nothing)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}{PREFIX}"
        self.gateway_url = self.gateway.url = f"ws://{host}:{port}/gateway/"
        self.control_url = f"http://{host}:{port}/control"
        self.cdn_url = self.world.cdn.base = f"http://{host}:{port}/cdn"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.open_all()
        for connection in list(self.gateway.connections):
            connection.abort()
        if self._runner is not None:
            await self._runner.cleanup()

    # what tests look at
    @property
    def requests(self) -> list[Request]:
        """All REST calls so far, oldest first."""
        return self.api.requests

    def requested(self, pattern: str) -> list[Request]:
        """Calls that match `METHOD /path/template`, e.g. `PATCH /channels/{channel_id}/messages/{message_id}`."""
        return [each for each in self.requests if f"{each.method} {each.template}" == pattern]

    async def wait_for(
        self, predicate: Callable[[], object], within: float = 30.0, describe: Callable[[], str] | None = None
    ) -> None:
        """Return as soon as the condition holds. Raises TimeoutError that says what was asked last."""
        await self.world.changes.until(predicate, within, describe or self.describe)

    def describe(self) -> str:
        last = [f"{each.method} {each.path} {each.status}" for each in self.requests[-5:]]
        return f"the condition does not hold; {len(self.gateway.live)} sessions; last requests: {last}"

    async def until_connected(self, shards: int = 1, within: float = 30.0) -> None:
        """Wait until so many sessions are connected."""
        await self.wait_for(lambda: len(self.gateway.live) >= shards, within)

    # what tests do to requests
    def fail_next(
        self,
        pattern: str,
        *,
        status: int | None = 500,
        times: int = 1,
        after_commit: bool = False,
        body: Json | None = None,
        retry_after: float = 0.05,
        via: bool = True,
    ) -> Fault:
        """Answer the next matching calls with an error; `status` None cuts the connection instead.

        The pattern is `METHOD /path` behind /api/v10 with `*` wildcards, e.g. `POST /channels/*/messages`; files are
        `GET /cdn/*`.
        `after_commit`: the call takes effect and only its answer is lost. `via` False: a 429 of the gatekeeper before
        Discord.
        """
        fault = Fault(
            pattern=pattern,
            status=status,
            times=times,
            after_commit=after_commit,
            body=body,
            retry_after=retry_after,
            via=via,
        )
        self.faults.faults.append(fault)
        return fault

    def hold_next(self, pattern: str, *, after_commit: bool = False) -> Gate:
        """Hold back the next matching call (or its answer) until the gate is released."""
        gate = Gate(pattern=pattern, after_commit=after_commit, reached=asyncio.Event(), released=asyncio.Event())
        self.faults.gates.append(gate)
        return gate

    # files
    async def _file(self, request: web.Request) -> web.StreamResponse:
        where = request.match_info
        gate, fault = self.faults.gate("GET", request.path), self.faults.take("GET", request.path)
        if gate is not None:
            gate.reached.set()
            await gate.released.wait()
        if fault is not None and fault.status is not None:
            return web.Response(status=fault.status)
        if fault is not None and request.transport is not None:
            request.transport.abort()
        try:
            numbers = int(where["channel_id"]), int(where["attachment_id"])
            found = self.world.cdn.find(*numbers, where["name"], request.query)
        except ValueError:
            found = None
        if found is None:
            return web.Response(status=404, text="This content is no longer available.")
        headers = {"Content-Type": found.content_type or "application/octet-stream"}
        return web.Response(body=found.data, headers=headers)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=DOT, content_type="image/png")

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        body = b'{"message": "404: Not Found", "code": 0}'
        return web.Response(status=404, body=body, headers={"Content-Type": "application/json"})

    def names(self, ids: Iterable[int]) -> set[str]:
        """For readable assertions: the names behind ids of people."""
        return {self.world.users[each].name for each in ids}

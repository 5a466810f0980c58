"""What every REST call goes through: authorization, faults, rate limits, the recording, Discord's way of answering."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from time import monotonic

from aiohttp import BodyPartReader, web

from tests.discord_server.errors import ApiError, missing_access, missing_permissions, unauthorized, unknown
from tests.discord_server.faults import Fault, Faults
from tests.discord_server.files import Upload
from tests.discord_server.intents import Intent, granted
from tests.discord_server.message import Message
from tests.discord_server.permissions import Permission
from tests.discord_server.posting import Draft, Posting
from tests.discord_server.ratelimits import RateLimits, Verdict
from tests.discord_server.things import Channel, Guild, Json
from tests.discord_server.world import World

PREFIX = "/api/v10"
_FILE_FIELD = re.compile(r"files?\[(\d+)\]")

Answer = Json | list[Json] | None
"""JSON with 200, or 204 for None."""
Handler = Callable[["Call"], Awaitable[Answer]]


@dataclass(eq=False, slots=True, kw_only=True)
class Request:
    """A REST call as it was made, for tests to look at."""

    method: str
    path: str
    template: str
    at: datetime
    monotonic: float
    query: dict[str, str]
    body: Json | list[Json] | None = None
    files: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    status: int = 0
    """0 while it is being answered."""
    fault: Fault | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Call:
    """One request, read."""

    api: Api
    params: Mapping[str, str]
    query: Mapping[str, str]
    draft: Draft
    body: object
    """The JSON, whatever it is; `draft.body` is it when it is an object."""

    @property
    def world(self) -> World:
        return self.api.world

    def number(self, name: str) -> int:
        """A snowflake of the path. Raises ApiError for something else."""
        text = self.params[name]
        if text == "@me":
            return self.world.bot.id
        if not text.isdecimal():
            raise ApiError(
                400, 50035, "Invalid Form Body", errors={name: {"_errors": [{"code": "NUMBER_TYPE_COERCE"}]}}
            )
        return int(text)

    def limit(self, default: int, most: int) -> int:
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            reason = {"code": "NUMBER_TYPE_MAX", "message": f"int value should be less than or equal to {most}."}
            raise ApiError(400, 50035, "Invalid Form Body", errors={"limit": {"_errors": [reason]}})
        return int(text)

    def guild(self) -> Guild:
        guild = self.world.guilds.get(self.number("guild_id"))
        if guild is None or self.world.bot.id not in guild.members:
            raise unknown("Guild")
        return guild

    def channel(self, *needed: Permission) -> Channel:
        """The channel of the path, with rights checked. Raises ApiError 10003, 50001, 50013."""
        world = self.world
        channel = world.channels.get(self.number("channel_id"))
        if channel is None:
            raise unknown("Channel")
        if not world.sees(world.bot, channel):
            raise missing_access()
        self.need(channel, *needed)
        return channel

    def need(self, channel: Channel, *needed: Permission) -> None:
        rights = self.world.permissions(self.world.bot, channel)
        if any(each not in rights for each in needed):
            raise missing_permissions()

    def message(self, *needed: Permission) -> Message:
        return self.api.posting.find(self.channel(*needed), self.number("message_id"))

    @property
    def reads_content(self) -> bool:
        """Whether REST shows the content of others' messages: the application's own flag decides."""
        return Intent.MESSAGE_CONTENT in granted(self.world.application_flags)


class Api:
    """The common path. The `rest_…` modules bring the routes."""

    def __init__(self, world: World, posting: Posting, limits: RateLimits, faults: Faults) -> None:
        self.world = world
        self.posting = posting
        self.limits = limits
        self.faults = faults
        self.requests: list[Request] = []
        self.routes: list[web.RouteDef] = []

    def add(self, method: str, template: str, handler: Handler, *, token: bool = True) -> None:
        """Serve a route. `token` False: the URL itself is the secret (interactions, webhooks)."""

        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, template, handler, token=token)

        self.routes.append(web.route(method, PREFIX + template, serve))

    async def _serve(self, request: web.Request, template: str, handler: Handler, *, token: bool) -> web.StreamResponse:
        path = request.rel_url.path.removeprefix(PREFIX)
        record = Request(
            method=request.method,
            path=path,
            template=template,
            at=self.world.clock.now(),
            monotonic=monotonic(),
            query=dict(request.query),
            headers={name: value for name, value in request.headers.items() if name != "Authorization"},
        )
        self.requests.append(record)
        try:
            response = await self._answer(request, record, handler, token=token)
            record.status = response.status
            response.headers["Date"] = format_datetime(self.world.clock.now(), usegmt=True)
            if response.status in (401, 403, 429):
                self.limits.invalid.append(record.monotonic)
            return response
        finally:
            self.world.changes.announce()

    async def _answer(
        self, request: web.Request, record: Request, handler: Handler, *, token: bool
    ) -> web.StreamResponse:
        call = Call(api=self, params=request.match_info, query=request.query, draft=Draft(body={}), body=None)
        await self._read(request, call)
        record.body, record.files = call.draft.body if isinstance(call.body, dict) else None, len(call.draft.files)
        if isinstance(call.body, list):
            record.body = call.body
        self.world.changes.announce()
        if self.limits.banned():
            return web.Response(status=429, text="You are being blocked from accessing our API temporarily.")
        verdict = Verdict(headers={})
        gate = self.faults.gate(record.method, record.path)
        fault = record.fault = self.faults.take(record.method, record.path)
        try:
            if gate is not None and not gate.after_commit:
                gate.reached.set()
                await gate.released.wait()
            if fault is not None and not fault.after_commit:
                return self._broken(request, fault)
            if token and request.headers.get("Authorization") != f"Bot {self.world.token}":
                raise unauthorized()
            verdict = self.limits.take(record.method, record.template, dict(request.match_info))
            if verdict.retry_after is not None:
                return _limited(verdict.retry_after, verdict.headers, everything=verdict.everything)
            response = _reply(await handler(call), verdict.headers)
        except ApiError as error:
            response = _reply(error.body, verdict.headers, error.status)
        if gate is not None and gate.after_commit:
            gate.reached.set()
            await gate.released.wait()
        return response if fault is None else self._broken(request, fault)

    def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.status is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault.status == 429 and not fault.via:
            return web.Response(status=429, text="banned", headers={"Retry-After": str(int(fault.retry_after))})
        if fault.status == 429 and fault.body is None:
            return _limited(fault.retry_after, {}, everything=False)
        return _reply(fault.body or {"message": f"{fault.status}: broken on purpose", "code": 0}, {}, fault.status)

    async def _read(self, request: web.Request, call: Call) -> None:
        if not request.can_read_body:
            return
        if request.content_type == "multipart/form-data":
            await _read_form(request, call)
        else:
            try:
                call.body = json.loads(await request.read())
            except ValueError:
                call.body = None
        if isinstance(call.body, dict):
            call.draft.body = call.body


async def _read_form(request: web.Request, call: Call) -> None:
    parts = await request.multipart()
    while (part := await parts.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.name == "payload_json":
            call.body = json.loads(data)
        elif part.name and (found := _FILE_FIELD.fullmatch(part.name)):
            call.draft.files[int(found[1])] = Upload(filename=part.filename or "unknown", data=data)


def _reply(answer: Answer, headers: dict[str, str], status: int = 200) -> web.Response:
    if answer is None:
        return web.Response(status=204, headers=headers)
    # Clients compare the content type with exactly this; a charset would make them read JSON as text.
    if status == 429:
        headers = {**headers, "Via": "1.1 loopback"}
    body = json.dumps(answer, separators=(",", ":")).encode()
    return web.Response(status=status, body=body, headers={**headers, "Content-Type": "application/json"})


def _limited(retry_after: float, headers: dict[str, str], *, everything: bool) -> web.Response:
    body: Json = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": everything}
    return _reply(body, {**headers, "Retry-After": str(int(retry_after) + 1)}, 429)

"""The WebSocket at `/api/events`: a window says who looks through it and is told what happens from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from bot.platforms.local.api import Api
from bot.platforms.local.channels import Channels
from bot.platforms.local.client import HELLO_EXPECTED, TOO_MANY, Client, Frame
from bot.platforms.local.gate import Gate
from bot.platforms.local.hub import Hub
from bot.platforms.local.people import direct_place
from bot.platforms.local.refusal import Refused
from bot.platforms.local.wire import INCOMING, ChannelWire, Hello, IsTyping, PersonWire, Welcome
from bot.ports import Clock, Hear
from bot.talk.event import Typing

HELLO_SECONDS = 10
PING_SECONDS = 20
CLOSE_SECONDS = 2
FRAME_BYTES = 16 * 1024
NORMAL = 1000

Status = Callable[[], Mapping[str, object]]


class Events:
    """Serves the windows."""

    def __init__(
        self,
        *,
        hear: Hear,
        hub: Hub,
        gate: Gate,
        api: Api,
        channels: Channels,
        clock: Clock,
        status: Status | None,
    ) -> None:
        self._hear = hear
        self._hub = hub
        self._gate = gate
        self._api = api
        self._channels = channels
        self._clock = clock
        self._status = status

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """GET /api/events: one window until it closes, is too slow, or the program ends."""
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=FRAME_BYTES, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if self._hub.full:
            await socket.close(code=TOO_MANY)
            return socket
        client = await self._greet(request, socket)
        if client is None:
            await socket.close(code=HELLO_EXPECTED)
            return socket
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(client.pump(socket.send_str))
                reading = tasks.create_task(self._listen(socket, client))
                code = await client.left()
                writing.cancel()
                await _close(request, socket, code)
                reading.cancel()
        finally:
            self._hub.part(client)
        return socket

    async def _greet(self, request: web.Request, socket: web.WebSocketResponse) -> Client | None:
        try:
            frame = await socket.receive(HELLO_SECONDS)
            hello = INCOMING.validate_json(frame.data) if frame.type is WSMsgType.TEXT else None
            if not isinstance(hello, Hello):
                return None
            person = self._api.person(hello.person, request)
            channel = request.query.get("channel")
            if channel is not None:
                await self._channels.find(channel, person)
        except (TimeoutError, ValidationError, Refused):
            return None
        client = Client(person=person, channel=channel, session=self._gate.session(request), clock=self._clock)
        welcome = Welcome(
            person=PersonWire.of(person),
            direct=ChannelWire.of(direct_place(person)),
            status=dict(self._status()) if self._status else {},
        )
        client.tell(("welcome",), Frame(lambda: welcome))
        self._hub.join(client)
        return client

    async def _listen(self, socket: web.WebSocketResponse, client: Client) -> None:
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                news = INCOMING.validate_json(frame.data)
                if isinstance(news, IsTyping):
                    place = await self._channels.find(news.channel, client.person)
                    self._hub.typing(place, client.person)
                    await self._hear(Typing(place=place, person=client.person.key))
            except (ValidationError, Refused):
                break
        client.leave(NORMAL)


async def _close(request: web.Request, socket: web.WebSocketResponse, code: int) -> None:
    """Say goodbye; a peer that does not even take that is cut off."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS + 1):
            await socket.close(code=code)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()

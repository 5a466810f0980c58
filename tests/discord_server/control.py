"""A small HTTP surface under `/control/`, for driving the server from another process. JSON in, JSON out.

POST /control/say     {"content", "channel"?, "guild"?, "user"?, "reply_to"?, "attachments"?: [{"filename", "base64"}]}
                      → {"message", "channel", "at"}; channel is an id or "dm"; without one, the first of the guild
                      (0, 1 …, default 0); `<@BOT>` in the content mentions the bot.
POST /control/answer  {"channel", "after", "contains"?, "without_buttons"?: true, "within"?: seconds}
                      → waits until the bot has written in the channel after that message, and its latest text holds
                      `contains` and has no buttons left (a Stop button means that it is still writing); then
                      {"messages": [{"message", "text", "revisions": [{"text", "at"}], "pinged"}], "at"}
POST /control/ready   {"shards"?: 1, "within"?: seconds} → waits until so many sessions are connected
POST /control/press   {"message", "channel", "custom_id", "user"?} → {}
GET  /control/stats   → requests by route, events by name, sessions, guilds, refused requests, the time
POST /control/reset   {} → forgets recorded requests, so that long runs stay lean

Times (`at`) are seconds of this machine's monotonic clock, which all its processes share on Linux. Errors are
{"error": …} with 400, or 504 when a wait runs out.
"""

from __future__ import annotations

import base64
from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING

from aiohttp import web

from tests.discord_server.errors import DriverError
from tests.discord_server.files import Upload
from tests.discord_server.message import Message
from tests.discord_server.things import Channel, ChannelType, Guild, Json, User

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer

WAIT_SECONDS = 30.0


class Control:
    """Serves the routes above for one server."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self._people: dict[str, User] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/say", self.say),
            web.post("/control/answer", self.answer),
            web.post("/control/ready", self.ready),
            web.post("/control/press", self.press),
            web.post("/control/reset", self.reset),
            web.get("/control/stats", self.stats),
        ]

    def _person(self, name: str, guild: Guild | None) -> User:
        user = self._people.get(name) or self._server.add_user(name)
        self._people[name] = user
        if guild is not None and user.id not in guild.members:
            guild.add_member(user)
        return user

    def _channel(self, body: Json) -> Channel:
        named = body.get("channel")
        world = self._server.world
        if named == "dm":
            return self._server.dm(self._person(body.get("user", "ana"), None))
        if named is not None:
            return world.channels[int(named)]
        guild = list(world.guilds.values())[int(body.get("guild", 0))]
        return next(each for each in guild.channels.values() if each.type is ChannelType.TEXT)

    async def say(self, request: web.Request) -> web.Response:
        try:
            body: Json = await request.json()
            channel = self._channel(body)
            author = self._person(body.get("user", "ana"), channel.guild)
            reply_to = channel.messages[int(body["reply_to"])] if "reply_to" in body else None
            files = [
                Upload(filename=each["filename"], data=base64.b64decode(each["base64"]))
                for each in body.get("attachments", ())
            ]
            message = await self._server.say(
                channel, author, body.get("content", ""), reply_to=reply_to, attachments=files
            )
        except (KeyError, IndexError, ValueError, DriverError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        return web.json_response({"message": str(message.id), "channel": str(channel.id), "at": _first(message)})

    async def answer(self, request: web.Request) -> web.Response:
        try:
            body: Json = await request.json()
            channel, after = self._channel(body), int(body["after"])
        except (KeyError, IndexError, ValueError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        contains, bare = body.get("contains", ""), body.get("without_buttons", True)

        def answers() -> list[Message]:
            return [each for each in channel.bot_messages if each.id > after]

        def done() -> bool:
            found = answers()
            text = "\n".join(each.content for each in found)
            return bool(text.strip()) and contains in text and not (bare and any(each.buttons for each in found))

        try:
            await self._server.wait_for(done, body.get("within", WAIT_SECONDS), channel.describe)
        except TimeoutError as error:
            return web.json_response({"error": str(error)}, status=504)
        return web.json_response({"messages": [_described(each) for each in answers()], "at": monotonic()})

    async def ready(self, request: web.Request) -> web.Response:
        body: Json = await request.json() if request.can_read_body else {}
        try:
            await self._server.until_connected(body.get("shards", 1), body.get("within", WAIT_SECONDS))
        except TimeoutError as error:
            return web.json_response({"error": str(error)}, status=504)
        return web.json_response({"at": monotonic()})

    async def press(self, request: web.Request) -> web.Response:
        try:
            body: Json = await request.json()
            channel = self._channel(body)
            message = channel.messages[int(body["message"])]
            user = self._person(body.get("user", "ana"), channel.guild)
            await self._server.press(message, body["custom_id"], user)
        except (KeyError, ValueError, DriverError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        return web.json_response({})

    async def reset(self, request: web.Request) -> web.Response:
        self._server.requests.clear()
        self._server.gateway.received.clear()
        return web.json_response({})

    async def stats(self, request: web.Request) -> web.Response:
        server = self._server
        routes = Counter(f"{each.method} {each.template} {each.status}" for each in server.requests)
        return web.json_response(
            {
                "requests": dict(routes),
                "events": dict(server.gateway.dispatched),
                "sessions": len(server.gateway.live),
                "identified": server.gateway.identified,
                "resumed": server.gateway.resumed,
                "guilds": len(server.world.guilds),
                "refused": server.limits.refused,
                "at": monotonic(),
            }
        )


def _first(message: Message) -> float:
    return message.history[0].monotonic


def _described(message: Message) -> Json:
    return {
        "message": str(message.id),
        "text": message.content,
        "revisions": [{"text": each.content, "at": each.monotonic} for each in message.history],
        "pinged": [str(each) for each in message.pinged],
    }

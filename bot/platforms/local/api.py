"""The HTTP API under `/api/`, as documented in `docs/api.md`: what people do becomes events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web

from bot.errors import DatabaseUnusable
from bot.platforms.local.channels import HISTORY_LINES, Channels
from bot.platforms.local.hub import Hub
from bot.platforms.local.people import (
    Mention,
    clean_name,
    is_blank,
    new_message_id,
    person_named,
    slug,
)
from bot.platforms.local.refusal import Refused, read, reply
from bot.platforms.local.uploads import Uploads
from bot.platforms.local.wire import (
    MESSAGE_CHARS,
    NAME_CHARS,
    ChannelsWire,
    ChannelWire,
    MessageSent,
    MessageWire,
    NewChannel,
    NewMessage,
    NewText,
    Press,
    RunCommand,
)
from bot.ports import Clock, Hear
from bot.settings import Limits
from bot.talk.command import Command
from bot.talk.event import Commanded, Deleted, Edited, Pressed, Said
from bot.talk.message import Message, Person, Place


class Api:
    """The handlers. `hear` takes every event; people are told once it is recorded."""

    def __init__(
        self,
        *,
        hear: Hear,
        channels: Channels,
        uploads: Uploads,
        hub: Hub,
        commands: Sequence[Command],
        clock: Clock,
        limits: Limits,
        bot_name: str,
    ) -> None:
        self._hear = hear
        self._channels = channels
        self._uploads = uploads
        self._hub = hub
        self._commands = {command.name: command for command in commands}
        self._clock = clock
        self._limits = limits
        self._bot_id = slug(bot_name)
        self._mention = Mention(bot_name)

    def routes(self) -> list[web.RouteDef]:
        channel = "/api/channels/{channel}"
        return [
            web.get("/api/channels", self.list_channels),
            web.post("/api/channels", self.create_channel),
            web.get(f"{channel}/messages", self.history),
            web.post(f"{channel}/messages", self.say),
            web.put(f"{channel}/messages/{{message}}", self.edit),
            web.delete(f"{channel}/messages/{{message}}", self.delete),
            web.post(f"{channel}/actions", self.press),
            web.post(f"{channel}/commands", self.command),
            web.post("/api/uploads", self._uploads.take),
            web.get("/api/uploads/{upload}", self._uploads.give),
        ]

    async def list_channels(self, request: web.Request) -> web.Response:
        places = await self._channels.all_for(self._person_of(request))
        return reply(ChannelsWire(channels=tuple(ChannelWire.of(place) for place in places)))

    async def create_channel(self, request: web.Request) -> web.Response:
        place = await self._channels.create((await read(request, NewChannel)).name)
        return reply(ChannelWire.of(place), status=201)

    async def history(self, request: web.Request) -> web.Response:
        person = self._person_of(request)
        place = await self._channels.find(request.match_info["channel"], person)
        try:
            limit = int(request.query.get("limit", "50"))
            before = datetime.fromisoformat(request.query["before"]) if "before" in request.query else None
        except ValueError:
            raise Refused(422, "page-bad-request", field="before, limit") from None
        if not 1 <= limit <= HISTORY_LINES or (before is not None and before.tzinfo is None):
            raise Refused(422, "page-bad-request", field="before, limit")
        return reply(await self._channels.history(place, person, before=before, limit=limit))

    async def say(self, request: web.Request) -> web.Response:
        body = await read(request, NewMessage)
        person, place = await self._where(request, body.person)
        self._check_text(body.text, empty_ok=bool(body.attachments))
        if len(body.attachments) > self._limits.attachments:
            raise Refused(422, "page-too-many-attachments", limit=self._limits.attachments)
        attachments = [await self._uploads.attachment(one) for one in dict.fromkeys(body.attachments)]
        quotes = (await self._channels.quote(place, body.reply_to, person),) if body.reply_to else ()
        addressed, text = self._mention.address(body.text, place=place, reply_to=body.reply_to)
        now = self._clock.now()
        message = Message(
            id=new_message_id(now),
            place=place,
            author=person,
            text=text,
            sent_at=now,
            addressed=addressed,
            reply_to=body.reply_to,
            attachments=tuple(attachments),
            quotes=quotes,
        )
        with suppress(DatabaseUnusable):  # whoever asked is told so in the place itself
            await self._hear(Said(message=message))
        return self._told(message, status=201)

    async def edit(self, request: web.Request) -> web.Response:
        body = await read(request, NewText)
        person, place = await self._where(request, body.person)
        message = await self._channels.own(place, request.match_info["message"], person)
        self._check_text(body.text, empty_ok=bool(message.attachments))
        addressed, text = self._mention.address(body.text, place=place, reply_to=message.reply_to)
        changed = replace(message, text=text, addressed=addressed, edited_at=self._after(message))
        await self._hear(Edited(message=changed))
        return self._told(changed, status=200)

    def _after(self, message: Message) -> datetime:
        """Now, or right after its last edit where the clock was set back since: an older edit would change nothing."""
        now, last = self._clock.now(), message.edited_at or message.sent_at
        return max(now, last + timedelta(microseconds=1))

    async def delete(self, request: web.Request) -> web.Response:
        person, place = await self._where(request, request.query.get("person", ""))
        message = await self._channels.own(place, request.match_info["message"], person)
        await self._hear(Deleted(place=place, message_ids=(message.id,)))
        self._channels.forget(message.id)
        self._hub.removed(place, (message.id,))
        return web.Response(status=204)

    async def press(self, request: web.Request) -> web.Response:
        body = await read(request, Press)
        person, place = await self._where(request, body.person)
        at = self._clock.now()
        pressed = Pressed(action=body.action, person=person, place=place, at=at, moderator=True, filled=body.filled)
        await self._hear(pressed)
        return web.Response(status=202)

    async def command(self, request: web.Request) -> web.Response:
        body = await read(request, RunCommand)
        person, place = await self._where(request, body.person)
        arguments = self._checked(body.name, body.arguments)
        await self._hear(
            Commanded(
                name=body.name,
                person=person,
                place=place,
                at=self._clock.now(),
                arguments=arguments,
                moderator=True,
            )
        )
        return web.Response(status=202)

    def person(self, name: str, request: web.Request) -> Person:
        """The person of this name. Raises Refused for no name, a long one or the bot's own."""
        made = person_named(name, accept_language=request.headers.get("Accept-Language", ""))
        if not clean_name(name) or len(made.name) > NAME_CHARS or not made.id:
            raise Refused(422, "page-bad-request", field="person")
        if made.id == self._bot_id:
            raise Refused(409, "page-name-taken", name=made.name)
        return made

    def _person_of(self, request: web.Request) -> Person:
        return self.person(request.query.get("person", ""), request)

    async def _where(self, request: web.Request, name: str) -> tuple[Person, Place]:
        person = self.person(name, request)
        return person, await self._channels.find(request.match_info["channel"], person)

    def _told(self, message: Message, *, status: int) -> web.Response:
        self._channels.remember(message)
        self._hub.said(message)
        return reply(MessageSent(channel=message.place.id, message=MessageWire.of(message)), status=status)

    @staticmethod
    def _check_text(text: str, *, empty_ok: bool) -> None:
        if is_blank(text) and not empty_ok:
            raise Refused(422, "page-empty-message")
        if len(text) > MESSAGE_CHARS:
            raise Refused(422, "page-message-too-long", limit=MESSAGE_CHARS)

    def _checked(self, name: str, given: Mapping[str, str]) -> dict[str, str]:
        command = self._commands.get(name)
        if command is None:
            raise Refused(404, "page-unknown-command", name=name)
        declared = {argument.name: argument for argument in command.arguments}
        filled = {key: value for key, value in given.items() if not is_blank(value)}
        for key, value in filled.items():
            if key not in declared or (declared[key].choices and value not in declared[key].choices):
                raise Refused(422, "page-bad-argument", name=key)
        for argument in command.arguments:
            if argument.required and argument.name not in filled:
                raise Refused(422, "page-bad-argument", name=argument.name)
        return filled

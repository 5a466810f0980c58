"""The ways out: a channel, and the answer to a press or a command that only one person sees."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import discord
from discord.http import Route

from bot.errors import PlaceGone
from bot.platforms.discord.failures import code_of, translated
from bot.platforms.discord.render import EPHEMERAL, Wanted
from bot.platforms.discord.wire import Wire
from bot.talk.delivery import Delivery, Shown, ShownMessage

SEND_SECONDS = 60.0
"""Longest time for one request, with the waits that rate limits and the library's own retries cost."""


NO_HISTORY = 160002
"""Discord's code for a reply where the right to read the history is missing."""

UNFINISHED = 1000
"""Deliveries that failed half-way and are remembered for their next attempt."""


async def sent(request: Awaitable[Any], doing: str) -> dict[str, Any]:
    """The answer to a request within `SEND_SECONDS`, errors in our words."""
    with translated(doing):
        async with asyncio.timeout(SEND_SECONDS):
            answer = await request
    return answer if isinstance(answer, dict) else {}


class Door(Protocol):
    """Where messages of one delivery go. Ids are those of `ShownMessage`. Raises PlaceGone, PlatformUnavailable."""

    async def post(self, wanted: Wanted, delivery: Delivery, index: int) -> str: ...
    async def edit(self, message_id: str, wanted: Wanted) -> None: ...
    async def delete(self, message_id: str) -> None: ...


class Progress:
    """Brings places to show what is wanted, and remembers how far that came where it failed half-way.

    A second attempt goes on from there: Discord knows a nonce for minutes only, an outage lasts longer.
    """

    def __init__(self) -> None:
        self._standing: OrderedDict[str, Shown] = OrderedDict()

    async def bring(self, door: Door, wanted: Sequence[Wanted], delivery: Delivery, shown: Shown) -> Shown:
        """By as few requests as it takes; equal messages are left alone, surplus ones deleted."""
        before = self._standing.pop(delivery.id, shown)
        standing = list((before if len(before.messages) >= len(shown.messages) else shown).messages)
        try:
            for index, message in enumerate(wanted):
                if index == len(standing):
                    made = await door.post(message, delivery, index)
                    standing.append(ShownMessage(id=made, digest=message.digest))
                elif standing[index].digest != message.digest:
                    await door.edit(standing[index].id, message)
                    standing[index] = ShownMessage(id=standing[index].id, digest=message.digest)
            while len(standing) > len(wanted):
                await door.delete(standing[-1].id)
                standing.pop()
        except BaseException:
            self._standing[delivery.id] = Shown(messages=tuple(standing))
            while len(self._standing) > UNFINISHED:
                self._standing.popitem(last=False)
            raise
        return Shown(messages=tuple(standing))


@dataclass(frozen=True, slots=True)
class ChannelDoor:
    """A channel, a thread or direct messages. `prefix` marks ids of messages that are not in the delivery's place."""

    wire: Wire
    channel_id: str
    prefix: str = ""

    async def post(self, wanted: Wanted, delivery: Delivery, index: int) -> str:
        body = wanted.first(delivery, index)
        if self.prefix:  # not the place that the question stands in
            body.pop("message_reference", None)
        try:
            message = await self._post(body)
        except PlaceGone as error:
            if code_of(error) != NO_HISTORY or "message_reference" not in body:
                raise
            del body["message_reference"]  # better an answer that points at nothing than none
            message = await self._post(body)
        message_id = str(message["id"])
        if not wanted.shown_by(message):
            await self.edit(message_id, wanted)
        return self.prefix + message_id

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        await sent(self.wire.request(self._route("PATCH", message_id), json=wanted.body()), "an edit")

    async def delete(self, message_id: str) -> None:
        try:
            await sent(self.wire.request(self._route("DELETE", message_id)), "a deletion")
        except PlaceGone:  # somebody was faster
            return

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        return await sent(self.wire.request(self._route("POST", ""), json=body), "a message")

    def _route(self, method: str, message_id: str) -> Route:
        message_id = message_id.removeprefix(self.prefix)
        if not message_id:
            return Route(method, "/channels/{channel_id}/messages", channel_id=self.channel_id)
        path = "/channels/{channel_id}/messages/{message_id}"
        return Route(method, path, channel_id=self.channel_id, message_id=message_id)


@dataclass(slots=True)
class Ticket:
    """What a press or a command left us to answer it with. The token is a secret and lives 15 minutes.

    `thinking`: Discord shows that we are thinking, and the first message takes that place.
    """

    application_id: int
    token: str = field(repr=False)
    expires: float
    thinking: bool


@dataclass(frozen=True, slots=True)
class TicketDoor:
    """The private answer to a press or a command."""

    wire: Wire
    ticket: Ticket
    prefix: str

    async def post(self, wanted: Wanted, delivery: Delivery, index: int) -> str:
        if self.ticket.thinking:
            request = self.wire.request(self._route("PATCH", "/messages/@original"), json=wanted.body())
        else:
            request = self.wire.request(self._route("POST", ""), json=wanted.private(), params={"wait": "true"})
        message = await sent(request, "a private answer")
        self.ticket.thinking = False
        return f"{self.prefix}{message['id']}"

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        await sent(self.wire.request(self._message("PATCH", message_id), json=wanted.body()), "a private edit")

    async def delete(self, message_id: str) -> None:
        try:
            await sent(self.wire.request(self._message("DELETE", message_id)), "a private deletion")
        except PlaceGone:
            return

    def _message(self, method: str, message_id: str) -> Route:
        return self._route(method, "/messages/{message_id}", message_id=message_id.removeprefix(self.prefix))

    def _route(self, method: str, path: str, **more: str) -> Route:
        return Route(
            method,
            "/webhooks/{webhook_id}/{webhook_token}" + path,
            webhook_id=self.ticket.application_id,
            webhook_token=self.ticket.token,
            **more,
        )


async def acknowledge(wire: Wire, interaction: discord.Interaction, *, thinking: bool) -> None:
    """Tell Discord within its three seconds that we heard: "thinking" for a command, nothing visible for a press."""
    body: dict[str, Any] = {"type": 5, "data": {"flags": EPHEMERAL}} if thinking else {"type": 6}
    route = Route(
        "POST",
        "/interactions/{webhook_id}/{webhook_token}/callback",
        webhook_id=interaction.id,
        webhook_token=interaction.token,
    )
    await sent(wire.request(route, json=body, params={"with_response": "1"}), "an acknowledgement")

"""The ways out: a channel, and the answer to a press or a command that only one person sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import discord
from discord.http import Route

from bot.errors import PlaceGone, ShownUnknown
from bot.platforms.discord.failures import ARCHIVED, NO_HISTORY, code_of
from bot.platforms.discord.readback import Claims, Sought, read_back
from bot.platforms.discord.render import EPHEMERAL, Wanted
from bot.platforms.discord.sending import sent
from bot.platforms.discord.times import made_at
from bot.platforms.discord.wire import Attempt, Wire
from bot.talk.delivery import Delivery


class Door(Protocol):
    """Where messages of one delivery go. Ids are those of `ShownMessage`, which begin with `prefix`.

    `place` tells doors apart. `knows_nonces`: what is sent again within some minutes is not there twice. `replies`:
    the question stands behind this door, too. Everything raises PlaceGone and PlatformUnavailable.
    """

    @property
    def place(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def knows_nonces(self) -> bool: ...
    @property
    def replies(self) -> bool: ...

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        """The message's id, and whether it shows what is wanted: for a known nonce it may show what was sent before."""
        ...

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        """The same of a message that was sent without our knowing; None: there is none. Raises ShownUnknown."""
        ...

    async def edit(self, message_id: str, wanted: Wanted) -> None: ...
    async def delete(self, message_id: str) -> None:
        """One that is gone already is no error."""
        ...

    def age_of(self, message_id: str) -> float | None:
        """Seconds since a message was made, by Discord's own time."""
        ...

    def time(self) -> datetime | None:
        """It is no later than this at Discord, as far as it has told."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelDoor:
    """A channel, a thread or direct messages. `prefix` marks ids of messages that are not in the delivery's place."""

    wire: Wire
    channel_id: str
    claims: Claims
    prefix: str = ""

    @property
    def place(self) -> str:
        return self.channel_id

    @property
    def knows_nonces(self) -> bool:
        return True

    @property
    def replies(self) -> bool:
        return not self.prefix

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        body = wanted.first(delivery, self.channel_id, index, removed)
        if not self.replies:
            body.pop("message_reference", None)
        try:
            message = await self._post(body, attempt)
        except PlaceGone as error:
            if code_of(error) != NO_HISTORY or "message_reference" not in body:
                raise
            del body["message_reference"]  # better an answer that points at nothing than none
            message = await self._post(body, attempt)
        return self.prefix + str(message["id"]), wanted.shown_by(message)

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        message = await read_back(self.wire, self.channel_id, sought, self.claims)
        return None if message is None else (self.prefix + str(message["id"]), sought.wanted.shown_by(message))

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        try:
            await self._edit(message_id, wanted)
        except PlaceGone as error:
            if code_of(error) != ARCHIVED:
                raise
            # A new message would open the thread again by itself, and the answer was asked for there.
            route = Route("PATCH", "/channels/{channel_id}", channel_id=self.channel_id)
            await sent(self.wire.request(route, json={"archived": False}), "opening a thread again")
            await self._edit(message_id, wanted)

    async def delete(self, message_id: str) -> None:
        try:
            await sent(self.wire.request(self._route("DELETE", message_id)), "a deletion")
        except PlaceGone as error:
            if error.barred:
                raise
            return  # somebody was faster

    def age_of(self, message_id: str) -> float | None:
        now, made = self.wire.latest(), made_at(message_id)
        return None if now is None or made is None else (now - made).total_seconds()

    def time(self) -> datetime | None:
        return self.wire.latest()

    async def _edit(self, message_id: str, wanted: Wanted) -> None:
        await sent(self.wire.request(self._route("PATCH", message_id), json=wanted.body()), "an edit")

    async def _post(self, body: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        return await sent(self.wire.request(self._route("POST", ""), json=body, attempt=attempt), "a message")

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
    """The private answer to a press or a command.

    What takes the place of "thinking" may be sent as often as one likes. Messages that follow know no nonce, and
    Discord does not list them: where one may have arrived nobody can find out.
    """

    wire: Wire
    ticket: Ticket
    prefix: str

    @property
    def place(self) -> str:
        return self.prefix

    @property
    def knows_nonces(self) -> bool:
        return False

    @property
    def replies(self) -> bool:
        return False

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        if self._is_first(index):
            route, body = self._route("PATCH", "/messages/@original"), wanted.body()
            request = self.wire.request(route, json=body, attempt=attempt)
        else:
            attempt.once = True
            route, body = self._route("POST", ""), wanted.private()
            request = self.wire.request(route, json=body, params={"wait": "true"}, attempt=attempt)
        message = await sent(request, "a private answer")
        return f"{self.prefix}{message['id']}", True

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        if self._is_first(sought.index):
            return None
        raise ShownUnknown("a private answer that may have arrived cannot be looked for")

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        await sent(self.wire.request(self._message("PATCH", message_id), json=wanted.body()), "a private edit")

    async def delete(self, message_id: str) -> None:
        try:
            await sent(self.wire.request(self._message("DELETE", message_id)), "a private deletion")
        except PlaceGone:
            return

    def age_of(self, message_id: str) -> float | None:
        return None

    def time(self) -> datetime | None:
        return self.wire.latest()

    def _is_first(self, index: int) -> bool:
        return self.ticket.thinking and index == 0

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


@dataclass(frozen=True, slots=True)
class LateDoor(ChannelDoor):
    """Direct messages, for the rest of an answer whose ticket is over. What stands elsewhere is out of reach."""

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        if message_id.startswith(self.prefix):
            await ChannelDoor.edit(self, message_id, wanted)

    async def delete(self, message_id: str) -> None:
        if message_id.startswith(self.prefix):
            await ChannelDoor.delete(self, message_id)


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

"""Private answers: through the press or command that asked for them while Discord allows it, else by direct message."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from bot.errors import PlaceGone
from bot.platforms.discord.doors import ChannelDoor, Door, Progress, Ticket, TicketDoor, sent
from bot.platforms.discord.failures import TICKET_IS_OVER, code_of
from bot.platforms.discord.render import Wanted
from bot.platforms.discord.wire import Wire
from bot.ports import Clock
from bot.talk.delivery import Delivery, Shown

TICKET_SECONDS = 14 * 60.0
"""Discord honours the token of an interaction for 15 minutes; a minute is left for the way there."""

TICKETS = 1000
"""Presses and commands remembered at once; the oldest is forgotten first and answered by direct message."""

DIRECT_CHANNELS = 1000

_TICKET = "ticket"
_DIRECT = "direct"


class Private:
    """Remembers tickets and brings private deliveries. Handles and ids hold no secrets: they may be stored."""

    def __init__(self, clock: Clock, progress: Progress) -> None:
        self._clock = clock
        self._progress = progress
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._channels: OrderedDict[str, str] = OrderedDict()

    def remember(self, interaction_id: int, *, application_id: int, token: str, thinking: bool) -> str:
        """The handle under which an acknowledged press or command can be answered."""
        expires = self._clock.monotonic() + TICKET_SECONDS
        handle = str(interaction_id)
        self._tickets[handle] = Ticket(application_id, token, expires, thinking)
        while len(self._tickets) > TICKETS:
            self._tickets.popitem(last=False)
        return handle

    async def deliver(self, wire: Wire, wanted: Sequence[Wanted], delivery: Delivery, shown: Shown) -> Shown:
        """Raises PlaceGone if the person takes no direct messages, PlatformUnavailable for now."""
        way = shown.messages[0].id.split("/")[:2] if shown.messages else []
        if way[:1] == [_DIRECT]:
            return await self._progress.bring(self._direct(wire, way[1]), wanted, delivery, shown)
        handle = way[1] if way else delivery.handle
        ticket = self._alive(handle)
        if handle is not None and ticket is not None:
            try:
                return await self._progress.bring(
                    TicketDoor(wire, ticket, f"{_TICKET}/{handle}/"), wanted, delivery, shown
                )
            except PlaceGone as error:
                if code_of(error) not in TICKET_IS_OVER:
                    raise
                self._tickets.pop(handle, None)
        channel = await self._channel_with(wire, delivery)
        return await self._progress.bring(self._direct(wire, channel), wanted, delivery, Shown())

    def _alive(self, handle: str | None) -> Ticket | None:
        ticket = self._tickets.get(handle) if handle is not None else None
        return ticket if ticket and ticket.expires > self._clock.monotonic() else None

    def _direct(self, wire: Wire, channel: str) -> Door:
        return ChannelDoor(wire, channel, prefix=f"{_DIRECT}/{channel}/")

    async def _channel_with(self, wire: Wire, delivery: Delivery) -> str:
        person = (delivery.conversation.only or "").partition(":")[2]
        if person not in self._channels:
            channel = await sent(wire.start_private_message(int(person)), "a direct message")
            self._channels[person] = str(channel["id"])
            while len(self._channels) > DIRECT_CHANNELS:
                self._channels.popitem(last=False)
        return self._channels[person]

"""Private answers: through the press or command that asked for them while Discord allows it, else by direct message."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from bot.errors import PlaceGone, ShownUnknown
from bot.platforms.discord.doors import LateDoor, Ticket, TicketDoor
from bot.platforms.discord.failures import TICKET_IS_OVER, code_of
from bot.platforms.discord.progress import Progress
from bot.platforms.discord.readback import Claims
from bot.platforms.discord.render import Wanted
from bot.platforms.discord.sending import sent
from bot.platforms.discord.times import made_at
from bot.platforms.discord.wire import Wire
from bot.ports import Clock
from bot.talk.delivery import Delivery, Shown

TICKET_SECONDS = 14 * 60.0
"""Discord honours the token of an interaction for 15 minutes; a minute is left for the way there."""

TICKETS = 1000
"""Presses and commands remembered at once; an older one is read from its handle again."""

DIRECT_CHANNELS = 1000
DIRECT_ONLY = 10_000
"""Deliveries of which is remembered that they go by direct message alone."""

_TICKET = "ticket"
_DIRECT = "direct"
_THINKING = "thinking"


class Private:
    """Remembers tickets and brings private deliveries.

    A handle holds the token, so that an answer finds its way after a restart, too: it is a secret, kept with the
    delivery until that is over. Ids of messages hold none.
    """

    def __init__(self, clock: Clock, progress: Progress, claims: Claims) -> None:
        self._clock = clock
        self._progress = progress
        self._claims = claims
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._channels: OrderedDict[str, str] = OrderedDict()
        self._direct_only: OrderedDict[str, None] = OrderedDict()

    def remember(self, interaction_id: int, *, application_id: int, token: str, thinking: bool) -> str:
        """The handle under which an acknowledged press or command can be answered."""
        self._keep(
            str(interaction_id), Ticket(application_id, token, self._clock.monotonic() + TICKET_SECONDS, thinking)
        )
        return "/".join((str(interaction_id), str(application_id), _THINKING if thinking else "", token))

    async def deliver(self, wire: Wire, wanted: Sequence[Wanted], delivery: Delivery, shown: Shown) -> Shown:
        """Raises PlaceGone if the person takes no direct messages, PlatformUnavailable for now, ShownUnknown."""
        way = shown.messages[-1].id.split("/")[:2] if shown.messages else []
        if way[:1] != [_DIRECT] and delivery.id not in self._direct_only:
            ticketed = await self._by_ticket(wire, wanted, delivery, shown)
            if ticketed is not None:
                return ticketed
            if shown.since is not None and delivery.handle is not None:
                raise _unknown(shown)
            if way[:1] == [_TICKET] and delivery.handle is None:
                return shown  # it was shown whole; by now nobody can change what stands there
            self._direct_only[delivery.id] = None
            while len(self._direct_only) > DIRECT_ONLY:
                self._direct_only.popitem(last=False)
        channel = way[1] if way[:1] == [_DIRECT] else await self._channel_with(wire, delivery)
        door = LateDoor(wire, channel, self._claims, prefix=f"{_DIRECT}/{channel}/")
        return await self._progress.bring(door, wanted, delivery, shown)

    async def _by_ticket(self, wire: Wire, wanted: Sequence[Wanted], delivery: Delivery, shown: Shown) -> Shown | None:
        """None where there is no living ticket (any more)."""
        handle = delivery.handle or ""
        name = shown.messages[0].id.split("/")[1] if shown.messages else handle.partition("/")[0]
        ticket = self._alive(wire, name, handle)
        if ticket is None:
            return None
        door = TicketDoor(wire, ticket, f"{_TICKET}/{name}/")
        try:
            return await self._progress.bring(door, wanted, delivery, shown)
        except PlaceGone as error:
            if code_of(error) not in TICKET_IS_OVER:
                raise
            ticket.expires = float("-inf")
            now = error.shown if isinstance(error.shown, Shown) else shown
            if now.since is not None:
                raise _unknown(now) from error
            return None if now.messages == shown.messages else await self.deliver(wire, wanted, delivery, now)

    def _alive(self, wire: Wire, name: str, handle: str) -> Ticket | None:
        ticket = self._tickets.get(name) or self._read(wire, name, handle)
        return ticket if ticket and ticket.expires > self._clock.monotonic() else None

    def _read(self, wire: Wire, name: str, handle: str) -> Ticket | None:
        """A ticket of an earlier process. Its age is that of the interaction's id, by Discord's own time."""
        if not handle.startswith(f"{name}/") or handle.count("/") < 3:
            return None
        _, application, thinking, token = handle.split("/", 3)
        now, made = wire.latest(), made_at(name)
        age = 0.0 if now is None or made is None else (now - made).total_seconds()
        expires = self._clock.monotonic() + TICKET_SECONDS - age
        return self._keep(name, Ticket(int(application), token, expires, bool(thinking)))

    def _keep(self, name: str, ticket: Ticket) -> Ticket:
        self._tickets[name] = ticket
        while len(self._tickets) > TICKETS:
            self._tickets.popitem(last=False)
        return ticket

    async def _channel_with(self, wire: Wire, delivery: Delivery) -> str:
        person = (delivery.conversation.only or "").partition(":")[2]
        if person not in self._channels:
            channel = await sent(wire.start_private_message(int(person)), "a direct message")
            self._channels[person] = str(channel["id"])
            while len(self._channels) > DIRECT_CHANNELS:
                self._channels.popitem(last=False)
        return self._channels[person]


def _unknown(shown: Shown) -> ShownUnknown:
    unknown = ShownUnknown("its first part may stand in the private answer to a press or a command, which is over")
    unknown.shown = shown
    return unknown

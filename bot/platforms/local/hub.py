"""Tells every open window what happened, and remembers the answers that are still growing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from bot.platforms.local.client import GOING_AWAY, LOGGED_OUT, Client, Frame
from bot.platforms.local.markdown import Markdown
from bot.platforms.local.people import PLATFORM, answer_id, may_read
from bot.platforms.local.wire import (
    ActionWire,
    ChannelMade,
    ChannelWire,
    DeliveryShown,
    DeliveryWire,
    MessageSent,
    MessageWire,
    PersonWire,
    Removed,
    SomebodyTypes,
    StatusChanged,
)
from bot.ports import Clock
from bot.talk.delivery import Delivery
from bot.talk.message import Message, Person, Place

CLIENTS = 200
GROWING = 500
TIMES = 5000


def delivery_line(delivery: Delivery, *, at: datetime, html: str) -> DeliveryShown:
    """A delivery as the page shows it."""
    shown = DeliveryWire(
        id=answer_id(delivery.id),
        at=at,
        html=html,
        text=delivery.text,
        lead=delivery.lead,
        final=delivery.final,
        private=delivery.conversation.only is not None,
        reply_to=delivery.reply_to,
        actions=tuple(ActionWire(id=one.id, label=one.label, danger=one.danger) for one in delivery.actions),
    )
    return DeliveryShown(channel=delivery.conversation.place.id, delivery=shown)


class Hub:
    """All open windows."""

    def __init__(self, *, clock: Clock, markdown: Markdown, bot: Person) -> None:
        self._clock = clock
        self._markdown = markdown
        self._bot = bot
        self._clients: set[Client] = set()
        self._growing: OrderedDict[str, tuple[Delivery, Frame]] = OrderedDict()
        self._times: OrderedDict[str, datetime] = OrderedDict()

    @property
    def full(self) -> bool:
        return len(self._clients) >= CLIENTS

    def join(self, client: Client) -> None:
        """From now on the window is told; what is growing at the moment it is told at once."""
        self._clients.add(client)
        for delivery, frame in self._growing.values():
            if self._readable(client, delivery.conversation.place, delivery.conversation.only):
                client.tell(("delivery", delivery.id), frame)

    def part(self, client: Client) -> None:
        self._clients.discard(client)

    def close(self) -> None:
        for client in self._clients:
            client.leave(GOING_AWAY)

    def log_out(self, session: str) -> None:
        for client in self._clients:
            if client.session == session:
                client.leave(LOGGED_OUT)

    def growing(self, delivery_id: str) -> Frame | None:
        """The latest state of an answer that is not final."""
        found = self._growing.get(delivery_id)
        return found[1] if found else None

    def said(self, message: Message) -> None:
        sent = MessageSent(channel=message.place.id, message=MessageWire.of(message))
        self._tell(message.place, ("message", message.id), Frame(lambda: sent))

    def removed(self, place: Place, ids: tuple[str, ...], *, only: str | None = None) -> None:
        gone = Removed(channel=place.id, ids=ids)
        self._tell(place, ("removed", ids), Frame(lambda: gone), only=only)

    def typing(self, place: Place, person: Person | None = None) -> None:
        """Somebody writes; without a person, the bot."""
        types = SomebodyTypes(channel=place.id, person=PersonWire.of(person or self._bot))
        self._tell(place, ("typing", place.id, types.person.id), Frame(lambda: types), besides=person)

    def made(self, place: Place) -> None:
        made = ChannelMade(channel=ChannelWire.of(place))
        for client in self._clients:
            client.tell(("channel", place.id), Frame(lambda: made))

    def status(self, status: Mapping[str, object]) -> None:
        changed = StatusChanged(status=dict(status))
        for client in self._clients:
            client.tell(("status",), Frame(lambda: changed))

    def show(self, delivery: Delivery) -> None:
        """Every window that may see it shows the delivery as it is now."""
        at = self._times.pop(delivery.id, None) or self._clock.now()
        self._times[delivery.id] = at
        while len(self._times) > TIMES:
            self._times.popitem(last=False)
        render = self._markdown.stored if delivery.final else self._markdown.render
        frame = Frame(
            lambda: delivery_line(delivery, at=at, html=render(delivery.text)),
            chars=len(delivery.text),
            streaming=not delivery.final,
        )
        self._growing.pop(delivery.id, None)
        if not delivery.final:
            self._growing[delivery.id] = delivery, frame
            while len(self._growing) > GROWING:
                self._growing.popitem(last=False)
        conversation = delivery.conversation
        self._tell(conversation.place, ("delivery", delivery.id), frame, only=conversation.only)

    def withdraw(self, delivery: Delivery) -> None:
        """No window shows the delivery any more."""
        self._growing.pop(delivery.id, None)
        conversation = delivery.conversation
        self.removed(conversation.place, (answer_id(delivery.id),), only=conversation.only)

    def _tell(
        self,
        place: Place,
        key: tuple[object, ...],
        frame: Frame,
        *,
        only: str | None = None,
        besides: Person | None = None,
    ) -> None:
        for client in self._clients:
            if self._readable(client, place, only) and (besides is None or client.person.id != besides.id):
                client.tell(key, frame)

    @staticmethod
    def _readable(client: Client, place: Place, only: str | None) -> bool:
        return place.platform == PLATFORM and may_read(place, client.person) and client.sees(place, only)

"""The places of the page and what is said in them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from bot.platforms.local.hub import Hub, delivery_line
from bot.platforms.local.keeping import Keeping
from bot.platforms.local.markdown import Markdown
from bot.platforms.local.people import (
    PLATFORM,
    channel_named,
    delivery_of,
    direct_place,
    may_read,
    sent_about,
)
from bot.platforms.local.refusal import Refused
from bot.platforms.local.wire import DeliveryShown, HistoryWire, MessageSent, MessageWire
from bot.ports import Views
from bot.talk.message import Message, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.record import Entry

CHANNELS = 200
HISTORY_LINES = 100
KNOWN_MESSAGES = 2000
LOOK_BACK = 200
FIRST_CHANNEL = Place(platform=PLATFORM, id="general", name="general")


class Channels:
    """Reads places and transcripts. What the store does not keep, the page does not show again either."""

    def __init__(self, *, views: Views, store: Keeping, hub: Hub, markdown: Markdown, bot_name: str) -> None:
        self._views = views
        self._store = store
        self._hub = hub
        self._markdown = markdown
        self._bot_name = bot_name
        self._places: dict[str, Place] = {}
        self._known: OrderedDict[str, Message] = OrderedDict()

    async def open(self) -> None:
        """There is always a first channel."""
        await self._store.save_place(FIRST_CHANNEL)
        await self._refresh()

    async def all_for(self, person: Person) -> tuple[Place, ...]:
        """The person's own conversation first, then the channels by name."""
        await self._refresh()
        shared = (place for place in self._places.values() if place.kind is not PlaceKind.DIRECT)
        return (direct_place(person), *sorted(shared, key=lambda place: (place.id != FIRST_CHANNEL.id, place.name)))

    async def create(self, name: str) -> Place:
        await self._refresh()
        place = channel_named(name)
        if place.id in self._places:
            raise Refused(409, "page-channel-exists", name=place.name)
        if sum(one.kind is not PlaceKind.DIRECT for one in self._places.values()) >= CHANNELS:
            raise Refused(429, "page-too-many-channels", limit=CHANNELS)
        await self._store.save_place(place)
        self._places[place.id] = place
        self._hub.made(place)
        return place

    async def find(self, place_id: str, person: Person) -> Place:
        """Raises Refused for a place that does not exist or is somebody else's."""
        own = direct_place(person)
        if place_id == own.id:
            return own
        if place_id not in self._places:
            await self._refresh()
        place = self._places.get(place_id)
        if place is None or not may_read(place, person):
            raise Refused(404, "page-not-found")
        return place

    async def history(self, place: Place, person: Person, *, before: datetime | None, limit: int) -> HistoryWire:
        """The latest lines before a moment that this person may read."""
        entries = await self._views.entries(place, before=before, limit=limit)
        readable = [entry for entry in entries if _may_see(entry, person)]
        lines = [await self._line(entry) for entry in readable]
        return HistoryWire(
            lines=tuple(line for line in lines if line is not None),
            before=entries[0].at if len(entries) >= limit else None,
        )

    def remember(self, message: Message) -> None:
        """Who wrote a message lately, so that they can change it even where nothing is kept; not its words."""
        self._known[message.id] = replace(message, text="", quotes=())
        while len(self._known) > KNOWN_MESSAGES:
            self._known.popitem(last=False)

    async def own(self, place: Place, message_id: str, person: Person) -> Message:
        """A message of this person. Raises Refused where it is gone or somebody else's."""
        entry = await self._look(place, message_id)
        message = (entry.message if entry else None) or self._known.get(message_id)
        if message is None or message.place.key != place.key:
            raise Refused(404, "page-not-found")
        if message.author.key != person.key:
            raise Refused(403, "page-not-yours")
        return message

    async def quote(self, place: Place, message_id: str, person: Person) -> Quote:
        """The words that a reply refers to. Raises Refused where they cannot be found."""
        entry = await self._look(place, message_id)
        if entry is not None and entry.message is not None:
            return _reply_to(entry.message)
        if entry is not None and entry.outgoing is not None and _may_see(entry, person):
            text = entry.outgoing.delivery.text
            return Quote(kind=QuoteKind.REPLIED, author=self._bot_name, text=text, message=message_id)
        known = self._known.get(message_id)
        if known is None or known.place.key != place.key:
            raise Refused(404, "page-not-found")
        return _reply_to(known)

    def forget(self, message_id: str) -> None:
        self._known.pop(message_id, None)

    async def _look(self, place: Place, message_id: str) -> Entry | None:
        delivery = delivery_of(message_id)
        about = sent_about(message_id)
        if delivery is None and about is None:
            return None
        for entry in reversed(await self._views.entries(place, before=about, limit=LOOK_BACK)):
            if entry.message is not None and entry.message.id == message_id:
                return entry
            if delivery is not None and entry.outgoing is not None and entry.outgoing.delivery.id == delivery:
                return entry
        return None

    async def _line(self, entry: Entry) -> MessageSent | DeliveryShown | None:
        if entry.message is not None:
            return MessageSent(channel=entry.message.place.id, message=MessageWire.of(entry.message))
        if entry.outgoing is None:
            return None
        delivery = entry.outgoing.delivery
        growing = self._hub.growing(delivery.id)
        if growing is not None:
            line = await growing.model()
            return line if isinstance(line, DeliveryShown) else None
        if delivery.final and not delivery.text:
            return None
        html = await asyncio.to_thread(self._markdown.stored, delivery.text)
        return delivery_line(delivery, at=entry.at, html=html)

    async def _refresh(self) -> None:
        self._places = {place.id: place for place in await self._views.places(PLATFORM)}
        self._places.setdefault(FIRST_CHANNEL.id, FIRST_CHANNEL)


def _reply_to(said: Message) -> Quote:
    return Quote(
        kind=QuoteKind.REPLIED,
        author=said.author.name,
        text=said.text,
        attachments=said.attachments,
        author_key=said.author.key,
        message=said.id,
    )


def _may_see(entry: Entry, person: Person) -> bool:
    only = entry.outgoing.delivery.conversation.only if entry.outgoing else None
    return only is None or only == person.key

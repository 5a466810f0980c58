"""Hears what is said in linked channels, and writes down what is to be carried over."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.errors import DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.mirror.book import Book
from bot.mirror.carrying import Carrying
from bot.mirror.comparing import Comparing
from bot.mirror.shaping import Shaping
from bot.mirror.words import carried, plain
from bot.ports import Clock, Counters, Deliveries
from bot.ports.mirrors import MirrorStore
from bot.talk.delivery import Delivery
from bot.talk.event import CaughtUp, Left, ThreadChanged, Typing
from bot.talk.message import Addressed, Conversation, Message
from bot.talk.mirror import Link

TOLD_EACH = timedelta(hours=1)
"""So often people are told that messages are missing, at most."""
CROWDED = 1000
"""Channels of which it is remembered when that was."""

log = logging.getLogger(__name__)


class Following:
    """Implements `bot.ports.mirrors.Mirrors`. `most`: copies that may wait for one channel."""

    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        book: Book,
        carrying: Carrying,
        shaping: Shaping,
        *,
        comparing: Comparing,
        most: int,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._book = book
        self._carrying = carrying
        self._shaping = shaping
        self._comparing = comparing
        self._most = most
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._begun = False
        self._crowded: OrderedDict[str, datetime] = OrderedDict()  # by channel
        self._untold: dict[str, Link] = {}  # by channel

    async def said(self, message: Message) -> None:
        """Never our own words nor those of other bots and webhooks: two mirrors would talk for ever."""
        link = await self._book.over(message.place)
        if link is None or message.author.bot or message.made or message.sent_at < link.made_at:
            return
        words = carried(message)
        if words.empty:
            return
        full = await self._store.take_copies(link, message, words, most=self._most, at=self._clock.now())
        self._carrying.look()
        if full:
            self._counters.add("mirror_copies_lost_total", len(full), reason="backlog")
            self._crowd(link, full)

    async def between(self, message: Message) -> bool:
        if message.addressed is Addressed.FOLLOW_UP:
            return await self._book.over(message.place) is not None
        if message.addressed is not Addressed.REPLY or message.reply_to is None:
            return False
        return await self._store.is_copy(message.place, message.reply_to)

    async def edited(self, message: Message) -> None:
        if await self._book.over(message.place) is None or message.author.bot:
            return
        if await self._store.revise_copies(message, carried(message)):
            self._carrying.look()

    async def noticed(self, event: Typing | ThreadChanged | CaughtUp) -> None:
        if isinstance(event, CaughtUp):
            await self._comparing.caught_up(event)
        if not isinstance(event, ThreadChanged) or event.shape is None or await self._book.over(event.place) is None:
            return
        if await self._store.tell_threads({event.place: event.shape}, at=self._clock.now()):
            self._shaping.look()

    async def left(self, event: Left) -> None:
        await self._book.load()
        self._carrying.look()

    def look(self) -> None:
        self._carrying.look()

    async def minute(self) -> None:
        """To be called once before anything is heard or sent, then every minute. Raises nothing for the database."""
        begun, self._begun = self._begun, True
        try:
            if not begun:
                await self._store.recall_copies()
            await self._book.load()
        except DatabaseUnusable as error:
            log.error("links of channels could not be read: %s", error)
        while self._untold:
            key, link = self._untold.popitem()
            await self._tell(link, key)
        self._carrying.look()

    def _crowd(self, link: Link, full: Collection[str]) -> None:
        """`full`: the channels (keys) in which a message will be missing."""
        now = self._clock.now()
        for key in sorted(full):
            before = self._crowded.get(key)
            if before is not None and now - before < TOLD_EACH:
                continue
            log.warning("more is said in linked channels than is carried over; messages are left out in %s", key)
            self._crowded[key] = now
            self._untold[key] = link
        while len(self._crowded) > CROWDED:
            self._crowded.popitem(last=False)

    async def _tell(self, link: Link, key: str) -> None:
        side = link.side(key)
        if side is None or side.forum:  # nothing is said in a forum itself
            return
        moment = int(self._crowded.get(key, self._clock.now()).timestamp())
        others = ", ".join(f"#{plain(each.place.name or each.place.id)}" for each in link.others(key))
        await self._deliveries.post(
            Delivery(
                id=f"mirror-crowded-{link.id}-{side.place.id}-{moment}",
                conversation=Conversation(place=side.place),
                text=self._phrases.to(side.language).say("mirror-crowded", places=others),
                quiet=True,
            )
        )

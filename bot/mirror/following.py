"""Hears what is said in linked channels, and writes down what is to be carried over."""

from __future__ import annotations

import logging
from collections import OrderedDict
from datetime import datetime, timedelta

from bot.errors import DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.mirror.book import Book
from bot.mirror.carrying import Carrying
from bot.mirror.words import carried, plain
from bot.ports import Clock, Counters, Deliveries
from bot.ports.mirrors import MirrorStore
from bot.talk.delivery import Delivery
from bot.talk.event import Left
from bot.talk.message import Addressed, Conversation, Message
from bot.talk.mirror import Link

TOLD_EACH = timedelta(hours=1)
"""So often people are told that messages are missing, at most."""
CROWDED = 1000
"""Links of which it is remembered when that was."""

log = logging.getLogger(__name__)


class Following:
    """Implements `bot.ports.mirrors.Mirrors`. `most`: copies of one link that may wait."""

    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        book: Book,
        carrying: Carrying,
        *,
        most: int,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._book = book
        self._carrying = carrying
        self._most = most
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._begun = False
        self._crowded: OrderedDict[str, datetime] = OrderedDict()
        self._untold: dict[str, Link] = {}

    async def said(self, message: Message) -> None:
        """Never our own words nor those of other bots and webhooks: two mirrors would talk for ever."""
        link = await self._book.over(message.place)
        if link is None or message.author.bot or message.made or message.sent_at < link.made_at:
            return
        words = carried(message)
        if words.empty:
            return
        if await self._store.take_copies(link, message, words, most=self._most, at=self._clock.now()):
            self._carrying.look()
            return
        self._counters.add("mirror_copies_lost_total", reason="backlog")
        self._crowd(link)

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
            _, link = self._untold.popitem()
            await self._tell(link)
        self._carrying.look()

    def _crowd(self, link: Link) -> None:
        now, before = self._clock.now(), self._crowded.get(link.id)
        if before is not None and now - before < TOLD_EACH:
            return
        log.warning("more is said in linked channels than is carried over; messages of link %s are left out", link.id)
        self._crowded[link.id] = now
        while len(self._crowded) > CROWDED:
            self._crowded.popitem(last=False)
        self._untold[link.id] = link

    async def _tell(self, link: Link) -> None:
        moment = int(self._crowded.get(link.id, self._clock.now()).timestamp())
        for side in link.sides:
            others = ", ".join(f"#{plain(each.place.name or each.place.id)}" for each in link.others(side.place.key))
            await self._deliveries.post(
                Delivery(
                    id=f"mirror-crowded-{link.id}-{side.place.id}-{moment}",
                    conversation=Conversation(place=side.place),
                    text=self._phrases.to(side.language).say("mirror-crowded", places=others),
                    quiet=True,
                )
            )

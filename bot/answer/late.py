"""Questions that came too late for an answer: each place is told once, and its people ask again if it still matters.

What is owed is a row that waits, so that a crash loses nothing; the notice is written down with their end.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, Store
from bot.talk.delivery import Delivery
from bot.talk.message import Message

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Owed:
    newest: Message
    ids: list[str]


class Late:
    """Collects what an absence left, and tells of it when the platform has caught up."""

    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        *,
        answer_after: timedelta,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._answer_after = answer_after
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._owed: dict[str, _Owed] = {}
        self._failed: set[str] = set()

    async def load(self, *, now: datetime | None = None) -> None:
        """At start, before anything is heard: what earlier processes left."""
        for message in await self._store.late(before=(now or self._clock.now()) - self._answer_after):
            self.owe(message)

    def is_late(self, age: timedelta) -> bool:
        return age > self._answer_after

    def owe(self, message: Message) -> None:
        """This message waits in the store, and gets a notice instead of an answer."""
        owed = self._owed.get(message.conversation.key)
        if owed is None:
            self._owed[message.conversation.key] = _Owed(message, [message.id])
            return
        if message.id in owed.ids:
            return
        owed.ids.append(message.id)
        if message.sent_at >= owed.newest.sent_at:
            owed.newest = message

    async def settle(self, platform: str) -> None:
        """Tell of everything that is owed there. What cannot be written down now is owed further."""
        for key in [key for key, owed in self._owed.items() if owed.newest.place.platform == platform]:
            await self._settle(key)

    async def again(self) -> None:
        """Once more what could not be written down."""
        for key in sorted(self._failed):
            await self._settle(key)

    async def _settle(self, key: str) -> None:
        self._failed.discard(key)
        owed = self._owed.pop(key, None)
        if owed is None:  # another call has it
            return
        newest = owed.newest
        phrases = await self._phrases.heard(newest.conversation, newest.author)
        notice = Delivery(
            id=uuid4().hex,
            conversation=newest.conversation,
            text=phrases.say("asked-while-away", count=len(owed.ids)),
            reply_to=newest.replies_to,
        )
        try:
            left = await self._store.close_late(newest.place, owed.ids, notice)
        except CalanqueError as error:
            log.error("%d questions that came too late could not be closed: %s", len(owed.ids), error)
            later = self._owed.setdefault(key, owed)
            if later is not owed:  # owed while this was tried
                later.ids[:0] = owed.ids
            self._failed.add(key)
            return
        if left:
            self._counters.add("questions_late_total", len(owed.ids))
        for outgoing in left:
            delivery, shown = outgoing.delivery, outgoing.shown
            if delivery.id != notice.id:  # half an answer that nobody goes on with
                delivery = replace(delivery, text="", lead="", actions=(), final=True)
                # Whoever wrote before may have sent more than was written down.
                shown = replace(shown, since=outgoing.created_at)
            await self._deliveries.finish(delivery, shown)

"""Messages on their way into the store, each together with whatever arrives at the same time.

Asking what may be kept and writing down are a trip to the database each; a hundred messages take the same two trips as
one. What may be kept is decided by `hear`, message by message.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.hear.gathering import Gathering
from bot.memory.rules import rules_among
from bot.ports import Counters, Store
from bot.talk.message import Message
from bot.talk.policy import Policy
from bot.talk.record import Incoming, Recorded

TOGETHER = 64
"""Messages that one trip takes, at most: enough to make the disk's part small, and done in a few milliseconds."""

log = logging.getLogger(__name__)


class Intake:
    def __init__(self, store: Store, counters: Counters) -> None:
        self._store = store
        self._counters = counters
        self._asking = Gathering(self._allowed, most=TOGETHER)
        self._writing = Gathering(store.record_all, most=TOGETHER)

    async def allowed(self, message: Message) -> tuple[Policy, bool]:
        """The rules as they count in the place, and whether the author has opted out."""
        return await self._asking.bring(message)

    async def record(self, incoming: Incoming) -> Recorded:
        """Written down when it returns. What is known already stays as it is."""
        recorded = await self._writing.bring(incoming)
        if recorded in (Recorded.FOREIGN, Recorded.REWORDED):
            self._counters.add("messages_conflicting_total", kind=recorded.value)
        if recorded is Recorded.FOREIGN:
            place = incoming.message.place.key
            log.warning("a message of %s has the id of another one that is known; the first is kept", place)
        return recorded

    async def close(self) -> None:
        """Returns when all that was brought is read or written."""
        await self._asking.close()
        await self._writing.close()

    async def _allowed(self, messages: Sequence[Message]) -> list[tuple[Policy, bool]]:
        places = {channel.key: channel for message in messages if (channel := message.place.channel) is not None}
        places |= {message.place.key: message.place for message in messages}
        found = await self._store.permissions(tuple(places.values()), [message.author.key for message in messages])
        return [
            (rules_among(found.policies, message.place), message.author.key in found.silent) for message in messages
        ]

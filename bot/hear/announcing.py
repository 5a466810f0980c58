"""People are told, before the first of their words is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Clock, Store
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation, Message, PlaceKind
from bot.talk.policy import Keep, Policy


class Announcing:
    """`policies` as in `Hearing`."""

    def __init__(
        self, store: Store, *, policies: asyncio.Lock, retention_days: int, phrases: Phrases, clock: Clock
    ) -> None:
        self._store = store
        self._policies = policies
        self._retention_days = retention_days
        self._phrases = phrases
        self._clock = clock

    async def begin(self, message: Message, *, asked: bool) -> tuple[Policy, Delivery | None]:
        """The rules as they count from now on, and what is to be told. Nothing is kept before that is written down, so
        that people are told whatever fails then. `asked`: by the message. Raises DatabaseUnusable."""
        place = message.place
        async with self._policies:
            policy = await rules(self._store, place)
            if policy.keep is Keep.NEVER:
                return policy, None
            own, now = await self._store.policy(place), self._clock.now()
            since = own.since or (now if asked else None)
            announcement = None if policy.announced else await self._announcement(message, policy)
            policed = replace(own, since=since, announced=own.announced or announcement is not None)
            await self._store.save_policy(place, policed, told=announcement)
        return replace(policy, since=since, announced=True), announcement

    async def _announcement(self, message: Message, policy: Policy) -> Delivery:
        everyone = Conversation(place=message.place)
        key = "announcement-direct" if message.place.kind is PlaceKind.DIRECT else "announcement"
        phrases = await self._phrases.heard(everyone, message.author)
        text = phrases.say(key, days=policy.retention_days or self._retention_days)
        return Delivery(id=uuid4().hex, conversation=everyone, text=text)

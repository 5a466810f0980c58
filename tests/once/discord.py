"""A platform that behaves as Discord does, without sockets: what was said stays there, and a send may be in doubt."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.errors import PlaceGone, PlatformUnavailable
from bot.talk.delivery import Delivery, Shown, ShownMessage
from bot.talk.message import Message
from tests.fakes import FakeClock, FakePlatform

NONCE_LIFE = timedelta(minutes=3)


class Trouble(StrEnum):
    """What happens to the next call."""

    REFUSED = "refused"
    """Nothing has changed."""
    LOST = "lost"
    """It has taken effect, and the answer is lost."""


@dataclass(slots=True, eq=False)
class Spoken:
    """What a person said, in all its versions; `told`: the program was told of it while it lived."""

    versions: list[Message]
    deleted: bool = False
    told: bool = False

    @property
    def now(self) -> Message:
        return self.versions[-1]


class FakeDiscord(FakePlatform):
    """Outlives processes. `connected`: somebody listens; `gone`: messages of ours that a person deleted."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.connected = False
        self.history: list[Spoken] = []
        self.troubles: deque[Trouble] = deque()
        self.gone: set[str] = set()
        self._nonces: dict[str, tuple[datetime, str]] = {}
        self._sent_by_this_process: set[str] = set()

    def begins(self) -> None:
        """Another process: it knows nothing of the sends of the one before."""
        self._sent_by_this_process.clear()
        self.troubles.clear()

    def replies(self, message_id: str) -> list[tuple[str, Delivery]]:
        return [(id_, each) for id_, each in self.standing.items() if each.reply_to == message_id]

    def take_away(self, message_id: str) -> None:
        """A person deletes a message of ours."""
        del self.standing[message_id]
        self.gone.add(message_id)

    async def _deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        await asyncio.sleep(0)
        trouble = self.troubles.popleft() if self.troubles else None
        if not self.connected or trouble is Trouble.REFUSED:
            raise PlatformUnavailable("not now")
        now = await super()._deliver(delivery, shown)
        await asyncio.sleep(0)
        if trouble is Trouble.LOST:
            raise PlatformUnavailable("the answer is lost")
        return now

    def _brought(self, delivery: Delivery, shown: Shown) -> Shown:
        message_id = shown.messages[0].id if shown.messages else self._made_before(delivery, shown)
        if delivery.final and not (delivery.text or delivery.lead):
            if message_id is not None:
                self.standing.pop(message_id, None)
            return Shown()
        if message_id is None:
            now = super()._brought(delivery, Shown())
            message_id = now.messages[0].id
            self._nonces[delivery.id] = self.clock.now(), message_id
            self._sent_by_this_process.add(delivery.id)
            return now
        if message_id in self.gone:
            return self._withdrawn(message_id)
        return super()._brought(delivery, Shown(messages=(ShownMessage(id=message_id, digest=""),)))

    def _made_before(self, delivery: Delivery, shown: Shown) -> str | None:
        """By its nonce while that lives; whoever knows that there is a doubt reads the place back later, too."""
        made_at, message_id = self._nonces.get(delivery.id, (self.clock.now(), None))
        doubted = delivery.id in self._sent_by_this_process or getattr(shown, "since", None) is not None
        if message_id is None or self.clock.now() - made_at < NONCE_LIFE:
            return message_id
        return message_id if doubted and message_id in self.standing else None

    def _withdrawn(self, message_id: str) -> Shown:
        if "gone" not in ShownMessage.__dataclass_fields__:
            raise PlaceGone("unknown message")
        make: Any = ShownMessage
        return Shown(messages=(make(id=message_id, digest="", gone=True),))

"""The last door: no secret of the settings leaves, whoever said it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from bot.ports import Hear, Platform
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import Attachment, Place
from bot.talk.redaction import Redaction


class Clean:
    """A platform to which everything goes without secrets: texts, leads, titles, labels of buttons and polls."""

    def __init__(self, platform: Platform, redact: Redaction) -> None:
        self._platform = platform
        self._redact = redact

    @property
    def name(self) -> str:
        return self._platform.name

    async def run(self, hear: Hear) -> None:
        await self._platform.run(hear)

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        return await self._platform.deliver(self._clean(delivery), shown)

    async def typing(self, place: Place) -> None:
        await self._platform.typing(place)

    def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        return self._platform.fetch(attachment)

    def _clean(self, delivery: Delivery) -> Delivery:
        poll = delivery.poll
        asked = () if poll is None else (poll.question, *poll.answers)
        words = (delivery.text, delivery.lead, delivery.opens, *(action.label for action in delivery.actions), *asked)
        if not any(map(self._redact.found_in, words)):
            return delivery
        redact = self._redact
        actions = tuple(replace(action, label=redact(action.label)) for action in delivery.actions)
        return replace(
            delivery,
            text=redact(delivery.text),
            lead=redact(delivery.lead),
            opens=redact(delivery.opens),
            actions=actions,
            # As a text it says the same, and has room for what stands in a secret's place.
            poll=None if any(map(redact.found_in, asked)) else poll,
        )

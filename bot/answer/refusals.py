"""Who was told lately that too many wait: a person who goes on asking all the same is not told each time."""

from __future__ import annotations

from collections import OrderedDict

from bot.ports import Clock
from bot.talk.message import Message

STANDS_SECONDS = 120.0
"""What somebody was told stands so long."""

PLACES = 3
"""In as many places somebody is told the same within that time."""

PEOPLE = 1000
"""Remembered at most; who is forgotten is told once more."""


class Refusals:
    """By person: where and when they were told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[str, dict[str, float]] = OrderedDict()

    def is_news(self, message: Message) -> bool:
        """Whether its author does not know yet; from now on they do."""
        now = self._clock.monotonic()
        told = self._told.pop(message.author.key, {})
        told = {place: at for place, at in told.items() if now - at < STANDS_SECONDS}
        place = message.conversation.key
        news = place not in told and len(told) < PLACES
        if news:
            told[place] = now
        self._told[message.author.key] = told
        while len(self._told) > PEOPLE:
            self._told.popitem(last=False)
        return news

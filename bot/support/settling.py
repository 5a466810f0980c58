"""Waits until an asker has said all: several messages in a row are one question, and nobody is interrupted.

What waits here is a row already, so that a crash loses nothing: the next start takes it up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from bot.ports import Clock
from bot.talk.message import Message, Place, PlaceKind

SETTLE_SECONDS = 4.0
"""After the asker's last message."""
TYPING_SECONDS = 10.0
"""So long a sign of typing stands; whoever goes on typing gives another."""
LONGEST_SECONDS = 30.0
"""After the first message of a question it is answered in any case."""
WAITING = 1000
"""Questions that wait at the same time; further ones are answered at once."""
PARTS = 50
"""Messages of one question, after which nothing more is waited for."""

log = logging.getLogger(__name__)

_Key = tuple[str, str]


@dataclass(slots=True, eq=False)
class _Waiting:
    """`first` and `until`: on the monotonic clock."""

    place: Place
    first: float
    until: float
    messages: list[Message] = field(default_factory=list[Message])
    patient: bool = False
    task: asyncio.Task[None] | None = None


class Settling:
    """`ripe` is given the messages of a question, and whether it was missed, and raises nothing; of one person in one
    place it has one question at a time. An async context manager: leaving it ends the waiting."""

    def __init__(self, ripe: Callable[[Sequence[Message], bool], Awaitable[None]], clock: Clock) -> None:
        self._ripe = ripe
        self._clock = clock
        self._waiting: dict[_Key, _Waiting] = {}
        self._ripening: dict[_Key, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def said(self, message: Message, *, patient: bool) -> None:
        """`patient`: it was missed, and waits where too many do."""
        key, now = (message.place.key, message.author.key), self._clock.monotonic()
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = _Waiting(place=message.place, first=now, until=now)
            waiting.task = asyncio.create_task(self._wait(key, waiting), name=f"question of {message.id}")
            self._tasks.add(waiting.task)
            waiting.task.add_done_callback(self._tasks.discard)
        if all(each.id != message.id for each in waiting.messages):
            waiting.messages.append(message)
        waiting.patient = waiting.patient or patient
        crowded = len(self._waiting) > WAITING or len(waiting.messages) >= PARTS
        self._put_off(waiting, now if crowded else now + SETTLE_SECONDS)

    def typed(self, place: Place, person: str) -> None:
        """Somebody (as `Person.key`) is writing: in a thread anybody, in a channel who asks there."""
        until = self._clock.monotonic() + TYPING_SECONDS
        for (where, asker), waiting in self._waiting.items():
            if where == place.key and (asker == person or waiting.place.kind is PlaceKind.THREAD):
                self._put_off(waiting, max(waiting.until, until))

    def gone(self, place: Place, ids: Collection[str]) -> None:
        """These messages were deleted."""
        for key, waiting in list(self._waiting.items()):
            if key[0] == place.key:
                waiting.messages = [each for each in waiting.messages if each.id not in ids]
                if not waiting.messages:
                    self._end(key)

    def last(self, place: Place, asker: str) -> Message | None:
        """What they said last, while it waits."""
        waiting = self._waiting.get((place.key, asker))
        return None if waiting is None or not waiting.messages else waiting.messages[-1]

    def drop(self, place: Place, asker: str) -> None:
        """What they ask there needs no answer."""
        self._end((place.key, asker))

    def _end(self, key: _Key) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and waiting.task is not None:
            waiting.task.cancel()

    def _put_off(self, waiting: _Waiting, until: float) -> None:
        waiting.until = min(waiting.first + LONGEST_SECONDS, until)

    async def _wait(self, key: _Key, waiting: _Waiting) -> None:
        while (left := waiting.until - self._clock.monotonic()) > 0 or key in self._ripening:
            if left > 0:
                await self._clock.sleep(left)
            else:
                await asyncio.wait([self._ripening[key]])
        if self._waiting.get(key) is waiting:
            del self._waiting[key]
        assert waiting.task is not None
        self._ripening[key] = waiting.task
        try:
            await self._ripe(tuple(waiting.messages), waiting.patient)
        finally:
            del self._ripening[key]

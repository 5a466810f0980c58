"""What digests are made from and keep: a period's messages, read page by page, and the points of stretches of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.digest import Order, Period, Point
from bot.talk.message import Message, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A place in which something was said in a period, and how many messages."""

    place: Place
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message as it is kept; `seq` is its number in the transcript, `mark` changes whenever it reads otherwise."""

    seq: int
    mark: str
    message: Message


def reads(marks: Iterable[str]) -> str:
    """For `Stage.reads`, of the marks of its messages."""
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the model made of a stretch: messages of one place that followed each other in time, noise included.

    `first` and `last`: the numbers of its first and last message; `low` and `high`: the smallest and the largest, where
    some were written down later than others. `length`: how many; `reads`: a fingerprint of them as they read then.
    `asked`: a fingerprint of how they were told and what was asked, of which model. `closed`: the talk was over then.
    """

    place: str
    first: int
    last: int
    low: int
    high: int
    length: int
    reads: str
    asked: str
    closed: bool
    points: tuple[Point, ...] = ()


class DigestStore(Protocol):
    """A part of the store. Raises DatabaseUnusable.

    Messages are what people said to all of a place, and whose words are kept: nothing of who has opted out.
    """

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        """Where something was said of what the order names, by place."""
        ...

    async def said(self, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
        """The next messages of the place behind one, in the order in which they were sent."""
        ...

    async def sources(self, platform: str, ids: Collection[str]) -> Mapping[str, Message]:
        """Of these messages those that may be told of now, by id."""
        ...

    async def stages(self, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
        """Those that begin in the period; the longest first."""
        ...

    async def save_stages(self, made: Sequence[Stage], *, at: datetime) -> None:
        """A stage whose messages do not read as they did when it was made is not kept."""
        ...

    def on_edited(self, call: Callable[[Collection[str]], None]) -> None:
        """Who is told which deliveries (ids) that were shown are READY again, because words went that they tell of."""
        ...

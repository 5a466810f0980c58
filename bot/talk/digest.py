"""What was said in a while, in points that each name the messages they were made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.talk.message import Place


class Section(StrEnum):
    """In the order in which they are shown."""

    DECIDED = "decided"
    OPEN = "open"
    TODO = "todo"
    READING = "reading"


class Length(StrEnum):
    SHORT = "short"
    NORMAL = "normal"
    LONG = "long"


class Made(StrEnum):
    """By what: the model's words, checked against their sources, or the people's own, cut out."""

    MODEL = "model"
    EXTRACTS = "extracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The messages that were sent before `until` and written down under a number up to `last`."""

    until: datetime
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Aware, UTC; `since` belongs to it, `until` does not.

    Where `last` is given, only of what was written down under a number up to that; in any case without what is `told`.
    """

    since: datetime
    until: datetime
    last: int | None = None
    told: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A message that a point was made of."""

    message: str
    place: Place
    author_key: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`text` is one line of plain words, without Markdown, mentions or links of its own. `sources` is never empty, the
    most telling first."""

    section: Section
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a digest is to be made of, and how.

    `rooms` (keys, as `Place.room`) are what everyone who will read it may read; of them only `places` (keys of rooms or
    of threads in them) where some are given. `language`: a code as in `Person.locale`, or "" for the one that is mostly
    spoken there. `focus`: in somebody's own words, what matters to them, or "".
    """

    platform: str
    rooms: frozenset[str]
    places: frozenset[str] = frozenset()
    period: Period
    language: str = ""
    length: Length = Length.NORMAL
    focus: str = ""


Edited = frozenset[tuple[str, datetime]]
"""Messages (`Message.id`) that had been edited, and when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`messages` and `people`: how many it covers, whether a point tells of them or not; `first`: when the first of
    these was sent. `edited`: of the messages of its points those that had been edited when they were looked at last,
    and when; None: not known. No points: nothing was said that is worth a point; no messages: nothing was said."""

    points: tuple[Point, ...]
    period: Period
    messages: int
    people: int
    made: Made
    language: str = ""
    first: datetime | None = None
    edited: Edited | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A stretch of a delivery's text that goes when one of these messages goes (`Message.id`), or when not everyone who
    reads it may read one of these rooms any more. A heading has neither, and goes with the last stretch under it.
    `edited`: as in `Digest`, of these messages; it is looked at when a delivery is written down, and not kept.
    `seen`: who could read the rooms and the place when moderators confirmed that whoever reads it there may; so it is
    while that has not changed."""

    text: str
    messages: frozenset[str] = field(default_factory=frozenset[str])
    rooms: frozenset[str] = field(default_factory=frozenset[str])
    heading: bool = False
    edited: Edited | None = field(default=None, compare=False)
    seen: str = ""


def text_of(told: Sequence[Told]) -> str:
    """As it leaves: one under the other, with a blank line before a heading."""
    return "\n".join(f"\n{each.text}" if each.heading and at else each.text for at, each in enumerate(told))


def messages_of(told: Sequence[Told]) -> frozenset[str]:
    """All that any stretch goes with."""
    return frozenset(message for each in told for message in each.messages)


def rooms_of(told: Sequence[Told]) -> frozenset[str]:
    return frozenset(room for each in told for room in each.rooms)


def without(told: Sequence[Told], *, messages: Collection[str] = (), rooms: Collection[str] = ()) -> tuple[Told, ...]:
    """What is left when these messages (`Message.id`) go, and these rooms (keys) may not be read any more."""
    left = [each for each in told if each.messages.isdisjoint(messages) and each.rooms.isdisjoint(rooms)]
    if len(left) == len(told):
        return tuple(told)
    return tuple(each for at, each in enumerate(left) if not each.heading or _heads(left, at))


def _heads(told: Sequence[Told], at: int) -> bool:
    return at + 1 < len(told) and not told[at + 1].heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of a digest under way: messages read of how many; `waits`: the engine is not at it just now."""

    read: int
    of: int
    waits: bool = False

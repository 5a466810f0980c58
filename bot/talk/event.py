"""Everything that can happen, as one sum type. Platforms make these; `hear` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.talk.message import Message, Person, Place
from bot.talk.shape import Shape
from bot.talk.support import ThreadNow


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`age`: how long ago it was said, by the platform's own time, where it is told late; zero when live."""

    message: Message
    age: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The message as it reads now; it may be one that was never recorded."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    place: Place
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Somebody pressed a button of ours, or sent the form that it opened. `action` is `Action.id`; `handle` lets the
    platform answer privately; `filled`: what was written into the form, by field, as it came."""

    action: str
    person: Person
    place: Place
    at: datetime
    moderator: bool = False
    handle: str | None = field(default=None, repr=False)
    filled: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """Somebody used one of the declared commands. `moderator`: may manage the place, by the platform's own rights."""

    name: str
    person: Person
    place: Place
    at: datetime
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    moderator: bool = False
    handle: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """We are no longer in this guild, or the place is gone: what was kept of it goes, too."""

    platform: str
    guild: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A moment that comes by itself, e.g. to look what is due."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What was missed on this platform while we were away has all been told; also where nothing was missed. `since`:
    from when on something may have been missed; None: nothing was."""

    platform: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """Somebody is writing just now; as long as they do, it is told again every few seconds."""

    place: Place
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadChanged:
    """A thread has another title or other tags, or was locked, archived or opened again. `now`, `shape`: what it is
    like since."""

    place: Place
    now: ThreadNow
    shape: Shape | None = None


Event = Said | Edited | Deleted | Pressed | Commanded | Left | Tick | CaughtUp | Typing | ThreadChanged

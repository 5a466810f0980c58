"""Channels side by side: what is said in one stands in the others, too, in their languages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.talk.message import Place
from bot.talk.shape import Followed

HEAD = "thread-"
"""With the id of the message that a family of threads began with behind it, in place of a message's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the linked channels; `language` is the tag of the one that is read there. `forum`: it holds threads alone,
    as all sides of its link then do."""

    place: Place
    language: str
    forum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What moderators have confirmed: whoever reads `target` will read what is said in `source`, though not all of
    them can read that (both `Place.key`). `seen`: who could read the two then, as `Rights.audience` says."""

    source: str
    target: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`by`: who made it (`Person.key`). Not `active`: it is proposed, and nobody has confirmed it yet."""

    id: str
    sides: tuple[Side, ...]
    by: str
    made_at: datetime
    exposures: frozenset[Exposure] = frozenset()
    active: bool = False

    def side(self, place: str) -> Side | None:
        """By its key."""
        return next((each for each in self.sides if each.place.key == place), None)

    def seen(self, source: Place, target: Place) -> str:
        """What moderators have confirmed of the two; "" for nothing."""
        pair = (source.key, target.key)
        return next((each.seen for each in self.exposures if (each.source, each.target) == pair), "")

    def others(self, place: str) -> tuple[Side, ...]:
        return tuple(each for each in self.sides if each.place.key != place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The words of a message while they wait to be shown elsewhere. `files`: names of what is attached."""

    name: str
    text: str
    files: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.text or self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One message in one other channel.

    `revision` counts how the message was changed; of these `saved` is in the outbox and `done` is over there, 0 where
    none is. `gone`: the message was deleted, or may not be shown any more. `words` are there until they are
    shown. `link` "": its channels are not linked any more, and only a deletion is still followed. `within`: `source`
    is an open thread of this channel, and what is said there goes into its counterpart in `target`.
    """

    seq: int
    link: str
    message: str
    source: Place
    target: Place
    taken_at: datetime
    revision: int
    saved: int = 0
    done: int = 0
    gone: bool = False
    reply_to: str | None = None
    words: Carried | None = field(default=None, repr=False)
    within: Place | None = None

    @property
    def channel(self) -> Place:
        """The linked channel in which, or in a thread of which, it was said."""
        return self.within or self.source

    @property
    def heads(self) -> bool:
        """Whether it is nobody's message, but stands for the beginning of a thread that is not carried over."""
        return self.message.startswith(HEAD)

    @property
    def original(self) -> str:
        """The id of the message that people come to by its link; of the thread where there is none."""
        return self.source.id if self.heads else self.message

    @property
    def begins(self) -> bool:
        """Whether it is the first message of a forum's post, or stands for that."""
        return self.within is not None and self.original == self.source.id

    @property
    def delivery(self) -> str:
        """The id of what shows it, the same over all revisions and restarts."""
        return f"mirror-{self.source.platform}-{self.message}-{self.target.id}"

    @property
    def under_way(self) -> bool:
        """Whether the outbox may still be at it."""
        return self.saved > self.done


class Unseen(Enum):
    """What became of a copy besides what becomes of any delivery. HIDDEN: when it was to be shown, people there might
    not read any more what was said in its source; nothing of it stands there, and nothing will."""

    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where in `target` a copy goes that was said in a thread. `thread`: there; `opened`: it is there for certain.

    Without `thread`: `closed`, where it was deleted, or cannot be begun; `waits`: it is not known yet whose counterpart
    the source is; else something has to stand in the target first from which it can begin. `title`: of the source.
    `tags`: of the source; then, for a post that is to be made, its own; None where they are not known.
    """

    title: str = ""
    tags: tuple[str, ...] | None = None
    thread: Place | None = None
    opened: bool = False
    closed: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What became of threads `since` then may not have been told. `times`: how often that was so."""

    since: datetime
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """A thread that is to be changed, in the linked channel `side` (key). `waits`: copies are still to go into that
    channel from its counterparts, and a change that was made after them must not come before."""

    thread: Place
    side: str
    followed: Followed
    waits: bool = False


def sides_of(links: Collection[Link]) -> dict[str, Link]:
    """Active links by the keys of their places."""
    return {side.place.key: link for link in links if link.active for side in link.sides}

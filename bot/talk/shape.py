"""What a thread is like besides what is said in it, and which changes of that go to its counterparts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

ECHOED_WITHIN = timedelta(minutes=5)
"""So long after we have asked for a change the platform may tell us of it."""
ASKED = 8
"""Changes of one thread that are waited for, at most."""
TAGS = 5
"""On one post, at most."""


class Part(StrEnum):
    TITLE = "title"
    ARCHIVED = "archived"
    LOCKED = "locked"
    TAGS = "tags"


Value = str | bool | frozenset[str]
Change = Mapping[Part, Value]
"""What is to be, or has become, otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Of a forum. `moderated`: only who may manage threads can put it on or take it off."""

    id: str
    name: str
    emoji: str = ""
    moderated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`title`: "" where it is not known. `tags`: ids. `ours`: we began it. `opener`: who did, as `Person.key`; "" where
    that is not known."""

    title: str = ""
    archived: bool = False
    locked: bool = False
    tags: frozenset[str] = frozenset()
    ours: bool = False
    opener: str = ""

    @property
    def parts(self) -> Change:
        return {
            Part.TITLE: self.title,
            Part.ARCHIVED: self.archived,
            Part.LOCKED: self.locked,
            Part.TAGS: self.tags,
        }

    def having(self, change: Change) -> Shape:
        parts = {**self.parts, **change}
        tags = parts[Part.TAGS]
        return replace(
            self,
            title=str(parts[Part.TITLE]),
            archived=bool(parts[Part.ARCHIVED]),
            locked=bool(parts[Part.LOCKED]),
            tags=tags if isinstance(tags, frozenset) else frozenset(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A change that we have asked for and not been told of yet. `answered`: the platform has said that it is so."""

    change: Change
    at: datetime
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a part is to become. `source`: the linked channel (key) in whose thread it became so; a title is in that
    one's language, and tags are that one's."""

    value: Value
    source: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A counterpart that is being begun: for which title and tags of its thread, and under which of its own."""

    of: str = ""
    of_tags: frozenset[str] = frozenset()
    title: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def shape(self) -> Shape:
        """As it is when it is there."""
        return Shape(title=self.title, tags=self.tags, ours=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is known of one thread. `seen`: as it was last told. `begun`: by channel and kind."""

    seen: Shape
    asked: tuple[Asked, ...] = ()
    owed: Mapping[Part, Owed] = field(default_factory=dict[Part, Owed])
    begun: Mapping[str, Begun] = field(default_factory=dict[str, Begun])

    def told(self, shape: Shape, *, at: datetime) -> tuple[Followed, Change]:
        """It is so now. What of that people have changed: what we asked for comes back, and is nobody's."""
        now = self._since(at)
        asked, theirs = list(now.asked), dict[Part, Value]()
        for part, value in shape.parts.items():
            if value == now.seen.parts[part] or (part is Part.TITLE and not now.seen.title):
                continue
            index = next((at for at, each in enumerate(asked) if each.change.get(part) == value), None)
            if index is None:
                theirs[part] = value
            else:
                asked = [_without(each, part) if at <= index else each for at, each in enumerate(asked)]
        followed = replace(
            now,
            seen=shape,
            asked=tuple(each for each in asked if each.change),
            owed={part: each for part, each in now.owed.items() if part not in theirs},
        )
        return followed, theirs

    def owing(self, change: Change, source: str, *, at: datetime) -> Followed:
        """A counterpart of it has changed so; the last one counts."""
        owed = dict(self.owed)
        for part, value in change.items():
            if part in (Part.ARCHIVED, Part.LOCKED) and self.expected(part) == value:
                owed.pop(part, None)
            else:
                owed[part] = Owed(value=value, source=source, since=at)
        return replace(self, owed=owed)

    def asking(self, change: Change, *, at: datetime, answered: bool = False) -> Followed:
        now = self._since(at)
        return replace(now, asked=(*now.asked, Asked(change=change, at=at, answered=answered))[-ASKED:])

    def answering(self, change: Change, made: Change, done: Mapping[Part, Owed]) -> Followed:
        """Of the change that we asked for this was made; with it, or without anything, this is owed no more. What we
        had to ask for twice may have been made the first time, and was told then or never will be."""
        asked, seen = list(self.asked), self.seen
        numbers = [number for number, each in enumerate(asked) if not each.answered and each.change == change]
        if numbers:
            last = asked.pop(numbers[-1])
            doubted = [each for each in asked if not each.answered and each.change.items() & made.items()]
            if doubted:
                seen = seen.having(made)
                asked = [replace(each, change=dict(each.change.items() - made.items())) for each in asked]
            else:
                asked.insert(numbers[-1], replace(last, change=made, answered=True))
        owed = {part: each for part, each in self.owed.items() if done.get(part) != each}
        return replace(self, seen=seen, asked=tuple(each for each in asked if each.change), owed=owed)

    def recalled(self) -> Followed:
        """At start: what an earlier process was answered is so, and nobody will tell this one of it."""
        seen = self.seen
        for each in self.asked:
            seen = seen.having(each.change) if each.answered else seen
        return replace(self, seen=seen, asked=tuple(each for each in self.asked if not each.answered))

    def expected(self, part: Part) -> Value | None:
        """As the part is by what we know; None where a change of ours may have been made or not."""
        for each in reversed(self.asked):
            if part in each.change:
                return each.change[part] if each.answered else None
        return self.seen.parts[part]

    def becoming(self, part: Part, source: str, *, at: datetime) -> Owed:
        """As the part will be when all is made that is owed or asked for. `source`: the thread's own channel (key)."""
        asked = [each.change[part] for each in self.asked if part in each.change]
        value = asked[-1] if asked else self.seen.parts[part]
        return self.owed.get(part) or Owed(value=value, source=source, since=at)

    def _since(self, at: datetime) -> Followed:
        """Nobody tells any more of what was asked for long ago; it is so all the same."""
        seen, asked = self.seen, list[Asked]()
        for each in self.asked:
            if at - each.at <= ECHOED_WITHIN:
                asked.append(each)
            elif each.answered:
                seen = seen.having(each.change)
        return replace(self, seen=seen, asked=tuple(asked))


def safe(change: Change, *, source: Shape, target: Shape) -> Change:
    """What of it may be made on a counterpart. Who has begun a thread may rename and close it, which must not reach one
    that somebody else has begun. Where we have begun the one, moderators alone can; where the other, it is nobody's."""
    if source.ours or target.ours:
        return change
    return {part: value for part, value in change.items() if part is Part.LOCKED or value is False}


def counterparts(
    applied: Collection[str], *, source: Collection[Tag], target: Collection[Tag], standing: Collection[str]
) -> tuple[str, ...]:
    """The tags (ids) of the other forum that are called the same, or else have the same emoji as no other there. What
    stands there already and has no counterpart here stays, behind them."""
    wanted = [_called(each, target) for each in source if each.id in applied]
    kept = [each for each in target if each.id in standing and _called(each, source) is None]
    return tuple(dict.fromkeys(each.id for each in (*wanted, *kept) if each is not None))


def fitting(wanted: Sequence[str], forum: Sequence[Tag], *, required: bool, manages: bool) -> tuple[str, ...]:
    """Of these tags (ids) those that may be put on a new post of the forum. Where it requires one, and there is none of
    them, its first that is not moderated; nothing where there is no such tag either. `manages`: whether threads may be
    managed there, so that moderated ones may be put on, too."""
    free = [each.id for each in forum if not each.moderated]
    allowed = [each.id for each in forum if manages or not each.moderated]
    found = [each for each in wanted if each in allowed]
    return tuple((found or [*free, *allowed][:1] if required else found)[:TAGS])


def _called(wanted: Tag, among: Collection[Tag]) -> Tag | None:
    named = [each for each in among if each.name.strip().casefold() == wanted.name.strip().casefold()]
    alike = [each for each in among if wanted.emoji and each.emoji == wanted.emoji]
    return named[0] if named else alike[0] if len(alike) == 1 else None


def _without(asked: Asked, part: Part) -> Asked:
    return replace(asked, change={each: value for each, value in asked.change.items() if each is not part})

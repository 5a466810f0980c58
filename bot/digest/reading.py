"""From a model's answer to points: what has a section, points to messages that are there, and is supported by them.

Whoever made a point's messages is named in it: where the model named nobody, the code does. So what somebody talked the
model into is told as their words at most. Pure; never raises.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.digest.drafts import Draft, drafts
from bot.digest.lines import Numbered, words
from bot.digest.marks import LINK, unquoted
from bot.digest.spelled_out import ANYBODY
from bot.digest.support import Talk, supported, telling
from bot.memory.transcribe import one_line
from bot.talk.digest import Point, Section, Source
from bot.talk.message import Message, Person, Place
from bot.talk.spelling import fold, units

MOST_POINTS = 40
"""Of one answer."""
MOST_SOURCES = 5
"""Messages that a point is made of; more would support anything."""
MOST_JOINED = 12
"""The same of a point that joins others."""
SHORTEST_NAME = 3
"""Characters: a shorter name counts at the beginning alone."""
LONGEST_POINT = 320
"""Characters."""
NAMED = 2
"""Authors that are named in front of a point, at most."""

_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^\s<>()]*)>?[^()]*\)")
_BRACKETED = re.compile(r"<([a-z][a-z0-9+.-]*://[^\s<>]*)>", re.IGNORECASE)
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:|t:|/|id:)[^<>\s]*>")
_CODE = re.compile(r"(?<!`)`++([^`]+)`+")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|~~|\|\||(?<!\w)[*_](?=\S))(.{1,200}?)(?<=\S)\1(?!\w)")
_AT = re.compile(r"(?<!\w)@(?=\w)")


class Dropped(StrEnum):
    """Why something of an answer is no point."""

    SECTION = "section"
    POINTER = "pointer"
    NUMBER = "number"
    SUPPORT = "support"
    REPEATED = "repeated"
    MANY = "many"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """`dropped`: how many, by cause."""

    points: tuple[Point, ...] = ()
    dropped: Mapping[Dropped, int] = field(default_factory=dict[Dropped, int])


def points(reply: str, said: Sequence[Numbered]) -> Read:
    """What an answer about these lines holds."""
    messages = {each.number: each.message for each in said}
    reader = _Reader(Talk(messages.values()))
    for draft in drafts(reply):
        reader.take(draft, messages)
    return reader.read()


def merged(reply: str, before: Sequence[Point]) -> Read:
    """The same of an answer about points, as `asking.merging` numbers them: held against the points' own words, which
    were held against the messages. A point's sources are those of all that it joins."""
    here = Place(platform="", id="")
    nobody = Person(platform="", id="", name="")
    told = {
        number: Message(id=str(number), place=here, author=nobody, text=each.text, sent_at=each.sources[0].sent_at)
        for number, each in enumerate(before, 1)
    }
    reader = _Reader(Talk(told.values()), {str(number): each for number, each in enumerate(before, 1)})
    for draft in drafts(reply):
        reader.take(draft, told)
    return reader.read()


def plain(text: str) -> str:
    """One line without Markdown and mentions; code stands in quotation marks, addresses stay as they are."""
    text = _BRACKETED.sub(r"\1", _MARKDOWN_LINK.sub(r"\1 \2", text))
    text = _CODE.sub(r"“\1”", _MENTION.sub("", text))
    kept: list[str] = []
    end = 0
    for found in LINK.finditer(text):
        kept += [_unmarked(text[end : found.start()]), found[0]]
        end = found.end()
    return shortened(words("".join([*kept, _unmarked(text[end:])])).strip(" -–—:•|"), LONGEST_POINT)


def shortened(text: str, most: int) -> str:
    """Cut between words; an address stands there whole or not at all, unless nothing else is there."""
    if len(text) <= most:
        return text
    end = most - 2
    torn = next((each for each in LINK.finditer(text) if each.start() < end < each.end()), None)
    if torn is not None:
        end = torn.start() if torn.start() > most // 4 else min(torn.end(), 2 * most)
    elif (space := text.rfind(" ", 0, end)) > most // 2:
        end = space
    return f"{text[:end].rstrip()} …" if text[end:].strip() else text[:end].rstrip()


class _Reader:
    """`before`: the points that the messages stand for, by id, where it is points that are read of."""

    def __init__(self, talk: Talk, before: Mapping[str, Point] | None = None) -> None:
        self._talk = talk
        self._before = before or {}
        self._points: list[Point] = []
        self._seen: set[str] = set()
        self._dropped: Counter[Dropped] = Counter()

    def read(self) -> Read:
        return Read(points=tuple(self._points), dropped=dict(self._dropped))

    def take(self, draft: Draft, messages: Mapping[int, Message]) -> None:
        point = self._point(draft, messages)
        if isinstance(point, Dropped):
            self._dropped[point] += 1
        else:
            self._points.append(point)

    def _point(self, draft: Draft, messages: Mapping[int, Message]) -> Point | Dropped:
        if len(self._points) >= MOST_POINTS:
            return Dropped.MANY
        text = plain(draft.text)
        if not any(each.isalpha() for each in text):
            return Dropped.EMPTY
        if not draft.numbers:
            return Dropped.POINTER
        named = [messages[number] for number in draft.numbers if number in messages]
        if not named:
            return Dropped.NUMBER
        section = draft.section or _likely(text)
        if section is None:
            return Dropped.SECTION
        return self._made(section, text, named[:MOST_SOURCES])

    def _made(self, section: Section, text: str, named: Sequence[Message]) -> Point | Dropped:
        told = next((each for each in (text, unquoted(text)) if supported(each, named, self._talk)), None)
        if told is None:
            return Dropped.SUPPORT
        key = " ".join(sorted(set(units(told))))
        if key in self._seen:
            return Dropped.REPEATED
        self._seen.add(key)
        sources = telling(told, named, self._talk)
        if not sources or not supported(told, sources, self._talk):
            sources = tuple(named)
        if self._before:
            before = [self._before[each.id] for each in sources]
            found = _joined(before)
            # With fewer sources than it was made of, nobody could look it up.
            return before[0] if len(found) > MOST_JOINED else Point(section=section, text=told, sources=found)
        return Point(section=section, text=attributed(told, sources), sources=tuple(map(source, sources)))


def source(message: Message) -> Source:
    return Source(message=message.id, place=message.place, author_key=message.author.key, sent_at=message.sent_at)


def attributed(text: str, sources: Sequence[Message]) -> str:
    """The text, behind the names of its authors where it names none of them as it is written: somebody who is called
    like a word of the sentence is not named by it, unless it begins with them."""
    names = list(dict.fromkeys(one_line(each.author.name) for each in sources))
    if any(_names(text, name) for name in names):
        return text
    return f"{', '.join(names[:NAMED])}: {text}"


def _names(text: str, name: str) -> bool:
    """Whole words, in the same letters. A name in small letters alone counts where the sentence begins with it, or
    where it could be no other word."""
    if fold(name) in ANYBODY:
        return text.startswith(f"{name}: ")
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    if found is None or found.start() == 0:
        return found is not None
    return len(name) >= SHORTEST_NAME and not (name.isalpha() and name.islower() and name.isascii())


def _joined(points: Sequence[Point]) -> tuple[Source, ...]:
    """The most telling of each first."""
    most = max((len(each.sources) for each in points), default=0)
    found = {
        each.sources[at].message: each.sources[at] for at in range(most) for each in points if at < len(each.sources)
    }
    return tuple(found.values())


def _likely(text: str) -> Section | None:
    """Where the model named no section: questions and links show themselves."""
    if LINK.search(text):
        return Section.READING
    return Section.OPEN if text.rstrip("\"'”»").endswith(("?", "？", "؟")) else None


def _unmarked(text: str) -> str:
    for _ in range(3):  # marks within marks
        text, found = _EMPHASIS.subn(r"\2", text)
        if not found:
            break
    return _AT.sub("", text).replace("**", "").replace("~~", "").replace("||", "")

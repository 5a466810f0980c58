"""Chat logs as the messages of channels, and what a good model would say of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.replay.logs import BETWEEN, START, Spoken, moments
from bot.talk.message import Message, Person, Place

WRITTEN = Path(__file__).with_name("good_points.txt")
PLATFORM = "discord"
GUILD = "100000000000000000"
LEAST_WORDS, MOST_WORDS = 9, 45
"""Of a message that a point is made of by itself."""
COMMON = 0.03
"""Of the messages: a word that stands in more is left out where a point is made by itself."""
FEW = 40
"""Points that are made by themselves of each log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A true point: made of messages (ids), `also` others that say it."""

    section: str
    text: str
    sources: tuple[str, ...]
    also: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    place: Place
    messages: tuple[Message, ...]
    good: tuple[Good, ...]


def read(folder: Path) -> list[Log]:
    """Each file a channel of its own, one after the other in time. Points were written by hand where there are any for
    a log of this name, and are made of single messages elsewhere. Raises FileNotFoundError where there is no log."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no logs (*.txt)")
    begin, found = START, list[Log]()
    for number, file in enumerate(files, 1):
        spoken = moments(file.read_text(encoding="utf-8", errors="replace").splitlines(), begin)
        place = Place(platform=PLATFORM, id=f"{200000000000000000 + number}", name=file.stem, guild=GUILD)
        messages = tuple(_message(place, number, at, each) for at, each in enumerate(spoken, 1))
        by_number = dict(enumerate((each.id for each in messages), 1))
        good = tuple(_written(file.stem, by_number)) or tuple(_made(messages, Random(number)))
        found.append(Log(place=place, messages=messages, good=good))
        begin = spoken[-1].at + BETWEEN
    return found


def _message(place: Place, log: int, number: int, spoken: Spoken) -> Message:
    person = Person(platform=PLATFORM, id=spoken.nick, name=spoken.nick)
    identity = f"{300000000000000000 + log * 10**7 + number}"
    return Message(id=identity, place=place, author=person, text=spoken.text, sent_at=spoken.at)


def _written(name: str, by_number: Mapping[int, str]) -> Iterator[Good]:
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        log, sources, also, section, text = (part.strip() for part in line.split("|", 4))
        if log in name:
            yield Good(
                section=section,
                text=text,
                sources=tuple(by_number[int(each)] for each in sources.split()),
                also=frozenset(by_number[int(each)] for each in also.split()),
            )


def _made(messages: Sequence[Message], random: Random) -> Iterator[Good]:
    """What somebody said in their own rarer words, told of them."""
    spread = Counter(word for each in messages for word in set(each.text.casefold().split()))
    fit = [each for each in messages if LEAST_WORDS <= len(each.text.split()) <= MOST_WORDS]
    for each in random.sample(fit, min(FEW, len(fit))):
        kept = [word for word in each.text.split() if spread[word.casefold()] <= len(messages) * COMMON]
        same = frozenset(other.id for other in messages if other.text == each.text)
        if len(kept) > LEAST_WORDS // 2 and not re.search(r"[\[\]{}|`*_<>\"]", " ".join(kept)):
            text = f"{each.author.name} says: {' '.join(kept)}"
            yield Good(section="open", text=text, sources=(each.id,), also=same)

"""Holds what a digest shows against the logs. Knows nothing of how digests are made, and uses nothing of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.digesting.engine import Planted
from benchmarks.digesting.logs import Good
from bot.talk.digest import Point
from bot.talk.message import Message

_ADDRESS = re.compile(r"https?://[^\s<>\"”]+")
_JUMP = re.compile(r"https://discord\.com/channels/(\d+)/(\d+)/(\d+)")
_NUMBER = re.compile(r"\d+")
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    valid: int
    invalid: int


def links(shown: str, log: Mapping[str, Message]) -> Links:
    """A link is valid where it leads to a message of the log in its own place, or somebody posted that address."""
    posted = "\n".join(each.text for each in log.values())
    valid = invalid = 0
    for address in (found.rstrip(".,;:!?)") for found in _ADDRESS.findall(shown)):
        jump = _JUMP.fullmatch(address)
        message = log.get(jump[3]) if jump else None
        if (message is not None and jump is not None and message.place.id == jump[2]) or address in posted:
            valid += 1
        else:
            invalid += 1
    return Links(valid=valid, invalid=invalid)


def kept(good: Iterable[Good], points: Sequence[Point]) -> int:
    """How many of these stand there with right sources alone."""
    return sum(any(_same(each, point) and _sources(point) <= _right(each) for point in points) for each in good)


def let_through(planted: Iterable[Planted], points: Sequence[Point]) -> int:
    """How many of these stand there with a wrong source and no right one."""
    return sum(
        any(
            _same(each.good, point) and _sources(point) & each.wrong and not _sources(point) & _right(each.good)
            for point in points
        )
        for each in planted
    )


def inventions(points: Sequence[Point], log: Mapping[str, Message]) -> int:
    """Points with an address, a number or words in quotation marks that none of their messages has."""
    return sum(_invents(each, [log[one.message] for one in each.sources]) for each in points)


def _invents(point: Point, sources: Sequence[Message]) -> bool:
    said = "\n".join(f"{each.author.name} {each.text}" for each in sources)
    numbers = set(map(int, _NUMBER.findall(said)))
    flat = " ".join(said.split()).casefold()
    quoted = [" ".join((one or other).split()).casefold() for one, other in _QUOTED.findall(point.text)]
    return (
        any(address.rstrip(".,;:!?)") not in said for address in _ADDRESS.findall(point.text))
        or any(int(number) not in numbers for number in _NUMBER.findall(point.text))
        or any(part.strip(" .,;:!?") not in flat for each in quoted for part in each.split("…"))
    )


def _same(good: Good, point: Point) -> bool:
    """Whether the point is this one, whatever marks and names were put around it."""
    return _letters(good.text) in _letters(point.text)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _sources(point: Point) -> frozenset[str]:
    return frozenset(each.message for each in point.sources)


def _right(good: Good) -> frozenset[str]:
    return frozenset(good.sources) | good.also

"""Which messages stand in which stretch of a request, and which stages follow from it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.digest.lines import line, numbered
from bot.digest.stretches import LEAST_ROOM, Sized, Stretch, split
from bot.digest.support import supported
from bot.ports.digests import Kept, Stage, reads
from bot.talk.digest import Point
from bot.talk.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one stretch has of one place: messages that follow each other, noise included. `closed`: as in `Stage`."""

    kept: tuple[Kept, ...]
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch for one request: the messages that are shown, and the parts that they are of."""

    shown: tuple[Message, ...]
    parts: tuple[Part, ...]

    @property
    def messages(self) -> int:
        return sum(len(part.kept) for part in self.parts)


def cuts(
    buffer: Sequence[Kept], *, room: int, tokens_per_byte: float, reading: str | None
) -> tuple[list[Cut], list[Kept]]:
    """Stretches of at most `room` tokens as far as one can tell, and what is left: what says nothing, and while
    there is more to come of the place `reading` (a key), the last stretch.

    `buffer`: of one place after the other, each in the order of time.
    """
    by_place: defaultdict[str, list[Kept]] = defaultdict(list)
    for each in buffer:
        by_place[each.message.place.key].append(each)
    lines = numbered([each.message for each in buffer])
    sized = [Sized(message=each.message, tokens=_tokens(line(each), tokens_per_byte)) for each in lines]
    return _parted(by_place, split(sized, room=max(room, LEAST_ROOM)), reading)


def _tokens(text: str, tokens_per_byte: float) -> int:
    size = len(text.encode("utf-8", "surrogatepass")) + 1
    return min(size, int(size * tokens_per_byte) + 2)


def _parted(
    by_place: Mapping[str, list[Kept]], stretches: Sequence[Stretch], reading: str | None
) -> tuple[list[Cut], list[Kept]]:
    at = {each.message.id: number for kept in by_place.values() for number, each in enumerate(kept)}
    ends: list[dict[str, int]] = []
    for stretch in stretches:
        ends.append({})
        for message in stretch.messages:
            key = message.place.key
            ends[-1][key] = max(at[message.id] + 1, ends[-1].get(key, 0))
    last = {key: number for number, found in enumerate(ends) for key in found}
    begun: dict[str, int] = defaultdict(int)
    found: list[Cut] = []
    for number, (stretch, until) in enumerate(zip(stretches, ends, strict=True)):
        if reading is not None and number == len(stretches) - 1:
            break
        parts: list[Part] = []
        for key, end in until.items():
            kept = by_place[key]
            over = key != reading and last[key] == number
            parts.append(Part(kept=tuple(kept[begun[key] : len(kept) if over else end]), closed=not over))
            begun[key] = len(kept) if over else end
        found.append(Cut(shown=stretch.messages, parts=tuple(parts)))
    left = [each for key, kept in by_place.items() for each in kept[begun[key] :]]
    return found, left


def smaller(cut: Cut, *, room: int, tokens_per_byte: float) -> list[Cut]:
    """The same in more stretches."""
    closed = {part.kept[0].message.place.key: part.closed for part in cut.parts if part.kept}
    kept = [each for part in cut.parts for each in part.kept]
    found, _ = cuts(kept, room=room, tokens_per_byte=tokens_per_byte, reading=None)
    return [
        replace(
            each,
            parts=tuple(
                replace(part, closed=part.closed or closed[part.kept[0].message.place.key]) for part in each.parts
            ),
        )
        for each in found
    ]


def stages(cut: Cut, points: Sequence[Point], *, asked: str) -> list[Stage]:
    """What is kept of them for later: each place by itself, so that it goes by itself.

    A point of several places is kept with the first one if that alone says it.
    """
    said = {each.message.id: each.message for part in cut.parts for each in part.kept}
    own: defaultdict[str, list[Point]] = defaultdict(list)
    for point in points:
        place = point.sources[0].place
        here = tuple(each for each in point.sources if each.place.key == place.key)
        alone = [said[each.message] for each in here if each.message in said]
        if len(here) == len(point.sources) or supported(point.text, alone):
            own[place.key].append(replace(point, sources=here))
    return [_stage(part, own[part.kept[0].message.place.key], asked) for part in cut.parts if part.kept]


def _stage(part: Part, points: Sequence[Point], asked: str) -> Stage:
    seqs = [each.seq for each in part.kept]
    return Stage(
        place=part.kept[0].message.place.key,
        first=seqs[0],
        last=seqs[-1],
        low=min(seqs),
        high=max(seqs),
        length=len(seqs),
        reads=reads(each.mark for each in part.kept),
        asked=asked,
        closed=part.closed,
        points=tuple(points),
    )

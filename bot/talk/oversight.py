"""What people think of an answer, and what staff make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from bot.talk.delivery import Action
from bot.talk.message import Message, Place

REASON_CHARS = 1000
"""Of what somebody writes about a wrong answer, at most."""
TICK_DIGITS = 18
"""Fewer digits has the moment of a cursor that is in our calendar."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Flag(StrEnum):
    """Why an answer is of low confidence, as code sees it.

    UNCITED: it cites none of what was supplied to it, or rests on nothing where answers must. FEW: too little was
    supplied where answers must rest on it. REMADE: it was made again because of its language. HANDED_OVER: a person was
    called.
    """

    UNCITED = "uncited"
    FEW = "few"
    REMADE = "remade"
    HANDED_OVER = "handed-over"


LOW = frozenset({Flag.UNCITED, Flag.FEW, Flag.REMADE})


class Which(StrEnum):
    """Which answers staff want to see: all that anything speaks against, or by what it is."""

    ALL = "all"
    LOW = "low"
    DOWN = "down"
    HANDED = "handed"


class ReviewState(StrEnum):
    """OPEN: nobody of staff has decided. DONE: it is mended. DISMISSED: nothing is wrong with it."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


class Counted(StrEnum):
    """What is counted of a day, without any words."""

    ANSWERED = "answered"
    HANDED_OVER = "handed-over"
    SOLVED = "solved"
    UP = "up"
    DOWN = "down"


class Ballot(StrEnum):
    """What became of a vote. GONE: there is no such answer any more. SILENT: the person has opted out, so that nothing
    is kept of them."""

    COUNTED = "counted"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of an answer when it ends: how many sources were supplied, and how many of them it cites.
    `handed`: a person is called instead; `remade`: it was made again because of its language."""

    sources: int = 0
    cited: int = 0
    handed: bool = False
    remade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """How an answer counts. `room`: the place whose readers can read it, under which it is counted; `language`: a tag,
    "" where it is not known."""

    room: Place
    language: str = ""
    flags: frozenset[Flag] = field(default_factory=frozenset[Flag])


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseen:
    """What oversight adds to an answer that ends: its buttons, and how it counts; None: nobody oversees it."""

    actions: tuple[Action, ...] = ()
    assessed: Assessed | None = None


NOBODY = Overseen()
"""Nobody oversees it."""


class Mended(StrEnum):
    """What became of a right answer that staff wrote. GONE: there is no such answer, for them. SILENT: they have opted
    out, so that no words of theirs are kept."""

    DONE = "done"
    GONE = "gone"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """`asker`: it is of whoever asked. `reason`: in the voter's words, "" where they gave none."""

    up: bool
    asker: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in the list of reviews, which begins with the latest."""

    at: datetime
    turn: str

    @property
    def text(self) -> str:
        return f"{(self.at - _EPOCH) // _TICK}.{self.turn}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises ValueError."""
        ticks, _, turn = text.partition(".")
        if not (ticks.isascii() and ticks.isdigit() and len(ticks) < TICK_DIGITS and turn.isalnum()):
            raise ValueError("not a place in the list")
        return cls(at=_EPOCH + int(ticks) * _TICK, turn=turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """An answer with all that speaks for and against it. `shown`: the messages that show it."""

    turn: str
    question: Message
    answer: str
    shown: tuple[str, ...]
    at: datetime
    language: str = ""
    flags: frozenset[Flag] = field(default_factory=frozenset[Flag])
    votes: tuple[Vote, ...] = ()
    state: ReviewState = ReviewState.OPEN

    @property
    def place(self) -> Place:
        return self.question.place

    @property
    def cursor(self) -> Cursor:
        return Cursor(at=self.at, turn=self.turn)

    @property
    def up(self) -> int:
        return sum(vote.up for vote in self.votes)

    @property
    def down(self) -> int:
        return len(self.votes) - self.up


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many of something in one room on one day (UTC)."""

    room: Place
    day: date
    language: str
    what: Counted
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted by language, from the first to the last day, both included."""

    first: date
    last: date
    by_language: tuple[tuple[str, tuple[tuple[Counted, int], ...]], ...] = ()

    @classmethod
    def of(cls, counts: tuple[Count, ...], *, first: date, last: date) -> Figures:
        """The language with the most answers first."""
        sums: dict[str, dict[Counted, int]] = {}
        for each in counts:
            own = sums.setdefault(each.language, dict.fromkeys(Counted, 0))
            own[each.what] += each.number
        order = sorted(sums, key=lambda language: (-sums[language][Counted.ANSWERED], language))
        lines = tuple((language, tuple(sums[language].items())) for language in order if any(sums[language].values()))
        return cls(first=first, last=last, by_language=lines)

    @property
    def total(self) -> dict[Counted, int]:
        sums = dict.fromkeys(Counted, 0)
        for _, numbers in self.by_language:
            for what, number in numbers:
                sums[what] += number
        return sums


def room_of(place: Place) -> Place:
    """The place whose readers can read this one: an open thread's channel, else itself."""
    return place.channel or place if place.room != place.key else place

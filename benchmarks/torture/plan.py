"""What will happen, drawn from the seed before anything does: who says what, what becomes of it, and every kill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from benchmarks.torture.words import word

QUESTIONS = 0.35  # of the messages
LONG = 0.02  # of the questions get an answer of two messages
MOST_SECONDS_BETWEEN = 0.14  # two messages, while people write
FATE_SECONDS = 1.6  # until a message is changed or taken away, at most


class Fate(StrEnum):
    """What its author, or somebody else, does to a message or to the answer to it."""

    NONE = "none"
    EDITED = "edited"
    DELETED = "deleted"
    ANSWER_DELETED = "answer-deleted"
    """As soon as anything of the answer is shown, half or whole."""


QUESTION_FATES = {Fate.NONE: 0.92, Fate.EDITED: 0.03, Fate.DELETED: 0.03, Fate.ANSWER_DELETED: 0.02}
CHATTER_FATES = {Fate.NONE: 0.94, Fate.EDITED: 0.03, Fate.DELETED: 0.03}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One message. `room` and `author` are indices; `gap` and `fate_after` are seconds."""

    index: int
    word: str
    other: str
    """The word that an edit puts in the place of the first."""
    question: bool
    room: int
    author: int
    long: bool
    fate: Fate
    gap: float
    fate_after: float


class Moment(StrEnum):
    """When the program is killed."""

    STARTING = "starting"
    """So much of the usual time of a start after it was started."""
    READY = "ready"
    """At most half a second after Discord has accepted it."""
    READING = "reading"
    """It asks for what a channel said meanwhile, and has no answer yet."""
    RECEIVED = "received"
    """Discord has received a send, and will act on it."""
    NEVER = "never"
    """Discord has received a send, and will not act on it."""
    SENT = "sent"
    """A send has taken effect; the program does not know it yet."""
    EDITING = "editing"
    """Discord has received an edit and will act on it."""
    EDITED = "edited"
    """An edit has taken effect; the program does not know it yet."""
    ASKED = "asked"
    """The engine has received a request."""
    ANSWERING = "answering"
    """The engine has said half of an answer."""
    TIME = "time"
    """So many seconds after Discord has accepted it."""


SHARES = {
    Moment.STARTING: 0.09,
    Moment.READY: 0.06,
    Moment.READING: 0.06,
    Moment.RECEIVED: 0.13,
    Moment.NEVER: 0.06,
    Moment.SENT: 0.21,
    Moment.EDITING: 0.06,
    Moment.EDITED: 0.08,
    Moment.ASKED: 0.06,
    Moment.ANSWERING: 0.09,
    Moment.TIME: 0.10,
}
LATEST = 14  # the how manieth send, edit or request since the start springs the trap, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """`count`: the how manieth of its kind since the start; `share` (0..1) is for what goes by time."""

    index: int
    moment: Moment
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    messages: Sequence[Planned]
    kills: Sequence[Kill]
    rooms: int
    """The first so many messages are one question to each room, before anything goes wrong."""


def draw(seed: int, *, messages: int, kills: int, rooms: int, talked_in: int, people: int) -> Plan:
    """`talked_in`: in the first so many rooms people talk among each other, too; the others are direct messages."""
    random = Random(f"{seed}/messages")
    said = [_message(random, index, rooms, talked_in, people) for index in range(messages)]
    random = Random(f"{seed}/kills")
    moments, shares = list(SHARES), list(SHARES.values())
    planned = [
        Kill(
            index=index,
            moment=random.choices(moments, shares)[0],
            count=random.randint(1, LATEST),
            share=random.random(),
        )
        for index in range(kills)
    ]
    return Plan(seed=seed, messages=said, kills=planned, rooms=rooms)


def _message(random: Random, index: int, rooms: int, talked_in: int, people: int) -> Planned:
    first = index < rooms
    question = first or random.random() < QUESTIONS
    fates = QUESTION_FATES if question else CHATTER_FATES
    kind = "q" if question else "c"
    fate = random.choices(list(fates), list(fates.values()))[0]
    long = question and random.random() < LONG and fate is Fate.NONE
    return Planned(
        index=index,
        word=word(kind, index, random),
        other=word(kind, 500_000 + index, random),
        question=question,
        room=index if first else random.randrange(rooms if question else talked_in),
        author=random.randrange(people),
        long=long and not first,
        fate=Fate.NONE if first else fate,
        gap=random.uniform(0, MOST_SECONDS_BETWEEN),
        fate_after=random.uniform(0, FATE_SECONDS),
    )

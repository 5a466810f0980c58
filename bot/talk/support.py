"""What a support channel is, and what of a question in it is left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.talk.delivery import Action
from bot.talk.message import Place

NEEDS_HUMAN = "needs_human"
"""The tool by which the model calls a person."""


class Answers(StrEnum):
    """What is answered in a support channel.

    QUESTIONS: what opens a thread (or, in a text channel, is asked), then what its asker goes on to say. MENTIONED:
    only what is addressed to the bot.
    """

    QUESTIONS = "questions"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportChannel:
    """How the bot serves a channel or a forum, and the threads in it.

    `languages`: tags, the first is the channel's own; replies are in one of them. `tone`: a line for the model, in a
    moderator's words. `staff`: ids of roles whose people are staff. `notes`: where staff are told of what is handed
    over; None: nowhere, only the thread says so. `staff_language`: in which they are told. `grounded`: answers must
    rest on knowledge that was supplied, or a person is called. `knowledge`: the labels of the collections that are
    searched; none: all that may be read. `escalate_minutes`: until staff are told once more of
    what nobody has claimed. `per_thread` and `per_person`: answers in one thread, and to one person in a day, at most.
    `in_threads`: what is asked in a text channel is answered in a thread that is opened for it.
    `solved_tags` and `person_tags`: ids of a forum's tags, so that a tag may be renamed. `since`: when it was set up
    first: what was opened earlier is left to the people who are in it.
    """

    place: Place
    languages: tuple[str, ...] = ("en",)
    tone: str = ""
    staff: frozenset[str] = field(default_factory=frozenset[str])
    notes: Place | None = None
    staff_language: str = "en"
    answers: Answers = Answers.QUESTIONS
    in_threads: bool = False
    grounded: bool = True
    knowledge: frozenset[str] = field(default_factory=frozenset[str])
    solved_tags: frozenset[str] = field(default_factory=frozenset[str])
    person_tags: frozenset[str] = field(default_factory=frozenset[str])
    escalate_minutes: int = 60
    per_thread: int = 20
    per_person: int = 40
    since: datetime | None = None


class Silence(StrEnum):
    """Why the bot says nothing more to an asker unless it is called back.

    STAFF: somebody of staff has answered. SOLVED, PERSON: a tag says that it is solved, or that a person is needed.
    CLOSED: the thread is locked or archived. LIMIT: it has answered as often as it may.
    """

    STAFF = "staff"
    SOLVED = "solved"
    PERSON = "person"
    CLOSED = "closed"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One asker's question in a support channel, and all that follows from it: a thread, or, in a channel without
    threads, what this person asks there.

    `asker`: as `Person.key`; "": nobody, what was opened is no question to us. `spoken_at`: when the asker last spoke.
    `silence`: None while the bot answers; `changed_at`: when that last changed, by the platform's time. `told`: the
    asker knows how to call it back. `overruled`: tags that were there when it was called back, and count no more.
    `counted_from`: answers before are not held against the limits.
    """

    place: Place
    asker: str
    spoken_at: datetime
    silence: Silence | None = None
    changed_at: datetime | None = None
    told: bool = False
    overruled: frozenset[str] = field(default_factory=frozenset[str])
    counted_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadNow:
    """A thread as the platform has it now. `opener`: as `Person.key`, "" where that is not known. `tags`: ids.
    `closed`: locked or archived. `forum`: it is a post in a forum."""

    opener: str = ""
    opened_at: datetime | None = None
    tags: frozenset[str] = field(default_factory=frozenset[str])
    closed: bool = False
    forum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """A set-up that somebody was shown and has not saved. `seen`: what was there then; None: nothing."""

    id: str
    by: str
    channel: SupportChannel
    seen: SupportChannel | None


class CaseState(StrEnum):
    """OPEN: staff were told. SEEN: somebody has seen it. CLAIMED: somebody does it. SOLVED: it is done."""

    OPEN = "open"
    SEEN = "seen"
    CLAIMED = "claimed"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question that a person is called for; at most one of a thread, and of an asker in a channel, is not solved.

    `message` is the question's id, `latest` that of the last one for which a person was called there, the `times`-th.
    `asker` and `by` as `Person.key`; `by_name`: what whoever has seen, claimed or solved it is called. `language`: the
    tag of the asker's. `reason`: in the words of whoever called, or "". `escalated`: how often staff were told again.
    """

    id: str
    place: Place
    message: str
    asker: str
    language: str
    reason: str
    opened_at: datetime
    state: CaseState = CaseState.OPEN
    by: str = ""
    by_name: str = ""
    changed_at: datetime | None = None
    escalated: int = 0
    latest: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """What one of staff wrote for the asker of a case. `message` is its id in `place`; `kept`: it is in the transcript,
    too, so that what is made of it goes with it."""

    id: str
    case: str
    place: Place
    message: str
    author: str
    author_name: str
    text: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What people read where a person is called: a sentence of ours, and buttons."""

    text: str
    actions: tuple[Action, ...] = ()


def note_of(case_id: str) -> str:
    """The id of the note to staff, and of the plan that makes it."""
    return f"case:{case_id}"


def told_again(case_id: str) -> str:
    """The id of the plan by which staff are told again."""
    return f"case-again:{case_id}"


def released(case_id: str, time: int) -> str:
    """The id of what tells staff that nobody has a case any more, for the `time`-th time."""
    return f"case-again:{case_id}:released:{time}"


def relaying(relay_id: str) -> str:
    """The id of the plan that tells what staff wrote."""
    return f"case-relay:{relay_id}"


def noted_case(delivery_id: str) -> str | None:
    """The case that a delivery tells staff of, if it does so."""
    kind, _, rest = delivery_id.partition(":")
    return rest.partition(":")[0] if kind in ("case", "case-again") and rest else None

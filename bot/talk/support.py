"""What a support channel is, and what of a question in it is left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.talk.message import Place


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
    """

    place: Place
    languages: tuple[str, ...] = ("en",)
    tone: str = ""
    staff: frozenset[str] = field(default_factory=frozenset[str])
    notes: Place | None = None
    staff_language: str = "en"
    answers: Answers = Answers.QUESTIONS
    grounded: bool = True
    knowledge: frozenset[str] = field(default_factory=frozenset[str])
    solved_tags: frozenset[str] = field(default_factory=frozenset[str])
    person_tags: frozenset[str] = field(default_factory=frozenset[str])
    escalate_minutes: int = 60
    per_thread: int = 20
    per_person: int = 40


class CaseState(StrEnum):
    """OPEN: staff were told. SEEN: somebody has seen it. CLAIMED: somebody does it. SOLVED: it is done."""

    OPEN = "open"
    SEEN = "seen"
    CLAIMED = "claimed"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question that a person is called for. `message` is the question's id; `asker` and `by` as `Person.key`."""

    id: str
    place: Place
    message: str
    asker: str
    language: str
    reason: str
    opened_at: datetime
    state: CaseState = CaseState.OPEN
    by: str = ""
    changed_at: datetime | None = None
    escalated: int = 0

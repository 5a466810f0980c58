"""Something that is to be done at planned moments: a row of our own, done once for each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.talk.message import Conversation
from bot.talk.recurrence import Once, Recurrence


class PlanState(StrEnum):
    """WAITING: another moment is to come. OVER: none is, and what the plan said is erased."""

    WAITING = "waiting"
    OVER = "over"


class RunOutcome(StrEnum):
    """DONE: with all that follows from it. FAILED: tried as often as it may be."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done, when and for whom.

    `kind` names who carries it out. `timezone` is an IANA name. `due` is the next moment, None when it is over.
    `conversation` is where it belongs: it goes when the place goes, or the one person who reads there. `owner` is the
    key of the person whose words `payload` may hold: it goes with "forget me". Words of anybody else do not belong into
    a payload: name their messages by id. `scope`: what it belongs to as a whole, without a place of its own: the key of
    a server (`guild_key`), with which it goes, or the name of a platform that has no servers.
    """

    id: str
    kind: str
    recurrence: Recurrence
    due: datetime | None
    timezone: str = "UTC"
    conversation: Conversation | None = None
    owner: str | None = None
    scope: str | None = None
    payload: Mapping[str, str] = field(default_factory=dict[str, str])
    state: PlanState = PlanState.WAITING

    def next_after(self, moment: datetime) -> datetime | None:
        return self.recurrence.next_after(moment, ZoneInfo(self.timezone))

    def occurrence(self, now: datetime) -> datetime | None:
        """The moment that is to be carried out now: of several that were missed the latest. None: nothing is due."""
        if self.due is None or self.due > now:
            return None
        latest = self.recurrence.last_until(now, ZoneInfo(self.timezone))
        return self.due if latest is None else max(self.due, latest)


def first_due(recurrence: Recurrence, timezone: str, *, now: datetime) -> datetime | None:
    """When a new plan is due first; one that is for a single moment also when that is over."""
    return recurrence.at if isinstance(recurrence, Once) else recurrence.next_after(now, ZoneInfo(timezone))


class NotYet(Exception):
    """Raised by whoever carries out a run: nothing is wrong, but it has to wait so many seconds and be called again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One planned moment of a plan, claimed by one process. Nothing of it leaves unless it ends as it was claimed.

    `at` is the planned moment, `claimed_at` when it was taken up, `attempt` counts from 1, `token` is of this claim.
    """

    plan: Plan
    at: datetime
    claimed_at: datetime
    attempt: int
    token: str

    @property
    def key(self) -> str:
        """Of all runs of this moment; one of them ends."""
        return f"{self.plan.id}@{self.at.isoformat()}"

    @property
    def late(self) -> timedelta:
        """How long after its moment it was taken up."""
        return max(self.claimed_at - self.at, timedelta(0))

    def delivery_id(self, number: int = 0) -> str:
        """The same for every attempt, so that not even a defect could show one thing twice."""
        return hashlib.sha256(f"{self.key}#{number}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """How a run ended. `late`: how long after its moment it ended."""

    at: datetime
    outcome: RunOutcome
    attempts: int
    ended_at: datetime

    @property
    def late(self) -> timedelta:
        return max(self.ended_at - self.at, timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a process may carry out now, and when there may be more: None where nothing is planned."""

    runs: tuple[Run, ...] = ()
    next: datetime | None = None

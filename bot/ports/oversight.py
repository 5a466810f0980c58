"""Oversight: what the store keeps of votes and reviews, and what others ask of the verb or tell it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.talk.delivery import Delivery
from bot.talk.message import Person, Place
from bot.talk.oversight import (
    Ballot,
    Count,
    Counted,
    Cursor,
    Figures,
    Flag,
    Mended,
    Reviewed,
    ReviewState,
    Which,
)
from bot.talk.support import Case


class Marks(Protocol):
    """Told by whoever learns something about an answer, before or after it is closed."""

    async def mark_answer(self, turn: str, flag: Flag) -> bool:
        """Once for each flag. False where there is no such turn any more."""
        ...

    async def count_support(self, room: Place, what: Counted, *, language: str, at: datetime) -> None:
        """One more of it. `room`: as in `Assessed`."""
        ...


class OversightStore(Marks, Protocol):
    """A part of the store. Every method is one transaction. Raises DatabaseUnusable."""

    async def feedback(self, place: Place) -> bool | None:
        """Whether a moderator wants votes there, or, for a thread, in its channel; None where nobody has said so."""
        ...

    async def save_feedback(self, place: Place, *, wanted: bool) -> None: ...

    async def reviewed(self, turn: str) -> Reviewed | None:
        """The answer of this turn, whether or not anything speaks against it; None where it is gone or private."""
        ...

    async def reviews(
        self,
        which: Which,
        state: ReviewState,
        *,
        rooms: Collection[str],
        at: Cursor | None = None,
        newer: bool = False,
        limit: int,
    ) -> tuple[Reviewed, ...]:
        """Of these rooms, the next older than `at` or the latest; `newer`: the next newer ones. The latest first."""
        ...

    async def review_rooms(
        self, state: ReviewState, *, platform: str, guild: str | None, limit: int
    ) -> tuple[Place, ...]:
        """Rooms of a guild, or of a platform without guilds, that have reviews."""
        ...

    async def vote(self, turn: str, person: str, *, up: bool) -> Ballot:
        """One vote a person (as `Person.key`) and answer; another one takes its place."""
        ...

    async def say_why(self, turn: str, person: str, reason: str) -> Ballot:
        """The person's vote becomes one against the answer, with this reason; "" takes an earlier one away."""
        ...

    async def settle_review(self, turn: str, state: ReviewState) -> bool:
        """Whether there is such an answer. One that was private has no review."""
        ...

    async def save_correction(self, turn: str, delivery: Delivery, *, by: str) -> bool:
        """READY, in the transaction that makes the review DONE; it goes with `by` and with the answered question.
        False, and nothing is written of it, where the answer is gone, or it is there already."""
        ...

    async def support_counts(
        self, platform: str, guild: str | None, *, first: date, last: date
    ) -> tuple[Count, ...]: ...

    async def counted_guilds(self, *, first: date, last: date) -> Collection[tuple[str, str | None]]:
        """Platforms and guilds of which anything was counted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A review that the person may see, the case of its question, and where people click to see the answer."""

    review: Reviewed
    case: Case | None = None
    link: str = ""


class Oversees(Protocol):
    """What staff do, wherever they do it. All of it is decided for one person, by who may read the place now."""

    async def listed(
        self,
        person: Person,
        near: Place,
        *,
        which: Which,
        state: ReviewState,
        at: Cursor | None = None,
        newer: bool = False,
        limit: int,
    ) -> Sequence[Listed]:
        """As `OversightStore.reviews`, of where the person is staff, near a place."""
        ...

    async def settle(self, person: Person, turn: str, state: ReviewState) -> bool:
        """False where there is no such answer, for them."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether there is a knowledge that takes right answers."""
        ...

    async def correct(self, person: Person, turn: str, *, question: str, answer: str, post: bool) -> Mended:
        """Into the knowledge, where there is one, and under the wrong answer, too, where `post`."""
        ...

    async def figures(self, person: Person, near: Place, *, weeks: int) -> Figures:
        """Of what the person may read, up to today."""
        ...

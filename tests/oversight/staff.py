"""Staff that oversee a few answers, for pages: behaves as the verb does, over a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.ports.oversight import Listed
from bot.talk.message import Person, Place
from bot.talk.oversight import LOW, Count, Counted, Cursor, Figures, Flag, Mended, Reviewed, ReviewState, Vote, Which
from tests.fakes import GENERAL, START, said


def reviewed(turn: str, text: str, *, answer: str = "Left.", at: datetime = START, **more: object) -> Reviewed:
    question = said(text, message_id=f"m-{turn}")
    made = Reviewed(turn=turn, question=question, answer=answer, shown=(f"a-{turn}",), at=at)
    return replace(made, **more)  # pyright: ignore[reportArgumentType] # as `replace` takes them


def _is(one: Reviewed, which: Which) -> bool:
    by = {
        Which.LOW: bool(one.flags & LOW),
        Which.DOWN: one.down > 0,
        Which.HANDED: Flag.HANDED_OVER in one.flags,
    }
    return any(by.values()) if which is Which.ALL else by[which]


@dataclass(slots=True)
class Overseeing:
    """`outsiders`: names of people who oversee nothing; `silent`: of those who have opted out."""

    reviews: dict[str, Reviewed]
    outsiders: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    keeps: bool = True
    corrected: list[tuple[str, str, str, str, bool]] = field(default_factory=list[tuple[str, str, str, str, bool]])

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
        if person.name in self.outsiders:
            return ()
        latest = sorted(self.reviews.values(), key=lambda one: (one.at, one.turn), reverse=True)
        found = [one for one in latest if one.state is state and _is(one, which)]
        if at is not None:
            found = [one for one in found if (one.at, one.turn) < (at.at, at.turn)]
        return [Listed(review=one, link=f"/#{one.place.id}/{one.shown[0]}") for one in found[:limit]]

    async def settle(self, person: Person, turn: str, state: ReviewState) -> bool:
        if person.name in self.outsiders or turn not in self.reviews:
            return False
        self.reviews[turn] = replace(self.reviews[turn], state=state)
        return True

    async def correct(self, person: Person, turn: str, *, question: str, answer: str, post: bool) -> Mended:
        if person.name in self.silent:
            return Mended.SILENT
        if not await self.settle(person, turn, ReviewState.DONE):
            return Mended.GONE
        self.corrected.append((person.name, turn, question, answer, post))
        return Mended.DONE

    async def figures(self, person: Person, near: Place, *, weeks: int) -> Figures:
        last = date(2026, 11, 23)
        first = last - timedelta(days=7 * weeks - 1)
        count = Count(room=GENERAL, day=last, language="ja", what=Counted.ANSWERED, number=3)
        return Figures.of((count,), first=first, last=last)


def against(reason: str) -> tuple[Vote, ...]:
    return (Vote(up=False, asker=True, reason=reason), Vote(up=True))

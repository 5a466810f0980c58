"""The scheduled digests of a server: kept as plans, found by number, each by who may know of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from bot.digest.choosing import Choosing
from bot.digest.schedule import KIND, Schedule
from bot.ports.plans import PlanStore
from bot.settings.digests import Digests
from bot.talk.approval import guild_key
from bot.talk.ground import Ground
from bot.talk.message import Place
from bot.talk.plan import Plan, PlanState
from bot.talk.response import Unfit

LEAST_NUMBERS, ROOM = 99, 4
"""Numbers go from 1 to that, or to so many times the most that there may be: drawn, so that none tells how many."""
DIGITS = 6
"""Of a number."""
CHANGES = 5
"""Times that a change is made anew where something else changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    plan: Plan
    says: Schedule


class Book:
    def __init__(self, store: PlanStore, choosing: Choosing, *, limits: Digests) -> None:
        self._store = store
        self._choosing = choosing
        self._limits = limits
        self._alone = asyncio.Lock()
        """Held while they are counted and one is added."""

    async def of(self, here: Place) -> tuple[Scheduled, ...]:
        """All of the server, or of a platform that has none, whoever may know of them."""
        found = await self._store.plans(kind=KIND, scope=scope_of(here), limit=self._limits.per_server + 1)
        return tuple(Scheduled(plan, Schedule.of(plan)) for plan in found)

    async def known_to(self, person: str, here: Place) -> tuple[Scheduled, ...]:
        """Those of which somebody can read all that they name."""
        found: list[Scheduled] = []
        for each in await self.of(here):
            if await self._choosing.sees_all(person, each.says.grounds, each.says.target):
                found.append(each)
        return tuple(found)

    async def open_to(self, person: str, here: Place) -> tuple[tuple[Scheduled, tuple[Ground, ...]], ...]:
        """Those that somebody can be sent, each with what they can read of it."""
        found: list[tuple[Scheduled, tuple[Ground, ...]]] = []
        for each in await self.of(here):
            if each.says.target is not None:
                continue
            rights = self._choosing.rights(here)
            there = [ground for ground in each.says.grounds if rights.within(ground)]
            seen = tuple([ground for ground in there if await self._choosing.sees(person, ground)])
            if seen:
                found.append((each, seen))
        return tuple(found)

    async def add(self, says: Schedule, plan: Plan) -> Scheduled:
        """With a number of its own. Raises Unfit where there are too many."""
        async with self._alone:
            there = await self.of(says.home)
            if len(there) >= self._limits.per_server:
                raise Unfit("digest-plan-too-many")
            taken = {each.says.number for each in there}
            says = replace(says, number=self._free(plan.id, taken))
            plan = replace(plan, payload=says.payload)
            await self._store.save_plan(plan)
        return Scheduled(plan, says)

    async def change(self, chosen: Scheduled, change: Callable[[Scheduled], Plan]) -> Scheduled:
        """As it stands by now: what a run has told meanwhile stays told. A run that is under way leaves nothing. Raises
        Unfit where it is not there any more."""
        for _ in range(CHANGES):
            before = await self._store.plan(chosen.plan.id)
            if before is None or before.state is PlanState.OVER:
                raise Unfit("digest-plan-bad-number")
            after = change(Scheduled(before, Schedule.of(before)))
            if await self._store.change_plan(before, after):
                return Scheduled(after, Schedule.of(after))
        raise Unfit("digest-plan-cannot-tell")

    def _free(self, plan_id: str, taken: Collection[int]) -> int:
        most = max(LEAST_NUMBERS, ROOM * self._limits.per_server)
        start = int(plan_id[:8], 16)
        return next(number for at in range(most) if (number := (start + at) % most + 1) not in taken)


def scope_of(place: Place) -> str:
    """As `Plan.scope`."""
    return guild_key(place) or place.platform


def numbered(some: Iterable[Scheduled], words: str) -> Scheduled | None:
    given = words.strip().strip("`#")
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS):
        return None
    return next((each for each in some if each.says.number == int(given)), None)

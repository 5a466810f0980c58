"""Carries out scheduled digests: who may read what is asked anew, then it is made and left to the outbox.

A run covers what was said since the last one that came to its end. It and its deliveries are written down together, so
nothing is told twice or left out, whatever dies meanwhile; what has been made of it already the stages have kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Protocol

from bot.digest.choosing import Choosing
from bot.digest.makes import Makes
from bot.digest.schedule import KIND, Empty, Paused, Schedule
from bot.digest.trying import TRIAL
from bot.digest.unfinished import Unfinished
from bot.languages.phrases import Phrases
from bot.ports import Counters, OnRun
from bot.ports.plans import PlanStore
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery
from bot.talk.digest import Digest, Order, Period, Told, text_of
from bot.talk.ground import Ground, Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.plan import NotYet, Plan, Run

log = logging.getLogger(__name__)

SLICE_SECONDS = 540.0
"""The longest that one run works at it; then it makes room and goes on with what was made by then."""
SLICES = 40
"""Runs for one moment, about six hours of the engine; then people's own words have to do."""
AWAY_SECONDS = 60.0
"""Between two looks whether a platform that is away is there again."""
UNSERVED_SECONDS = 3600.0
"""Likewise, of one that this process does not serve at all."""
UNHEARD_SECONDS, UNHEARD = 15.0, 120
"""Between two looks whether all that was said has been heard, and how often: half an hour, as long as a channel is read
again."""
ARRIVING = timedelta(seconds=5)
"""What was said so shortly before the moment may still be on its way; the next one tells it."""
REMEMBERED = 10_000
"""Runs of which is known how often they had to wait."""


class Tells(Protocol):
    """How a digest reads. `rooms`: all that it may have been made of."""

    def __call__(
        self,
        digest: Digest,
        *,
        link: Callable[[Place, str], str],
        phrases: Phrases,
        heading: str = ...,
        rooms: Collection[str] = ...,
    ) -> tuple[Told, ...]: ...


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads one delivery, and of which rooms it may be made."""

    conversation: Conversation
    rooms: frozenset[str]


class Running:
    """`present`: whether a platform is there, so that it can be asked."""

    def __init__(
        self,
        store: PlanStore,
        choosing: Choosing,
        *,
        makes: Makes,
        tells: Tells,
        present: Callable[[str], bool],
        most: int,
        phrases: Phrases,
        counters: Counters,
    ) -> None:
        self._store = store
        self._choosing = choosing
        self._makes = makes
        self._tells = tells
        self._present = present
        self._most = most
        self._phrases = phrases
        self._counters = counters
        self._waits: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._unfinished = Unfinished()

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {KIND: self.run, TRIAL: self.tried}

    async def run(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises NotYet, and CalanqueError to be tried again."""
        says = Schedule.of(run.plan)
        rights = await self._ready(run, says.home)
        if says.target is not None and (stop := await self._barred(rights, says.target)) is not None:
            return await self._stopped(run, says, stop)
        within = _within(rights, says.grounds)
        if not any(within.values()):
            return await self._stopped(run, says, Paused.BARE)
        readers = await self._readers(rights, says, run, within)
        if says.target is not None and not readers[0].rooms:
            return await self._stopped(run, says, Paused.CLOSED)
        left = await self._left(run, says, [each for each in readers if each.rooms], within)
        if says.target is None:  # it may have taken long; who has gone meanwhile, or was forgotten, wants none
            wanted = await self._store.subscribers(run.plan.id, limit=self._most)
            left = tuple(each for each in left if each.conversation.only in wanted)
        self._counters.add("digest_runs_total", outcome="told" if left else "empty")
        return (*left, says.told(run))

    async def tried(self, run: Run) -> Sequence[Delivery | Plan]:
        """Made of what the person and everyone who would read it may read. Raises as `run` does."""
        plan, talk = await self._store.plan(run.plan.payload["of"]), run.plan.conversation
        if plan is None or talk is None or talk.only is None:
            return ()
        says = Schedule.of(plan)
        rights = await self._ready(run, says.home)
        within = _within(rights, says.grounds)
        (alone,) = await self._open(rights, within, [talk])
        rooms = alone.rooms
        if says.target is not None:
            (there,) = await self._open(rights, within, [Conversation(place=says.target)])
            rooms &= there.rooms
        as_if = Run(plan=plan, at=run.at, claimed_at=run.claimed_at, attempt=run.attempt, token=run.token)
        readers = [_Reader(talk, rooms)] if rooms else []
        left = await self._left(as_if, says, readers, within, waited_for=_person(talk.only))
        if left:
            return left
        nothing = (await self._phrases.heard(talk)).say("digest-plan-nothing-to-show")
        return (Delivery(id=run.delivery_id(), conversation=talk, text=nothing),)

    async def _ready(self, run: Run, home: Place) -> Rights:
        """When the platform can be asked of this server, and everything that was said has come. Raises NotYet."""
        rights = self._choosing.known(home)
        if rights is None:
            raise NotYet(UNSERVED_SECONDS)
        # A server of which nothing is known yet looks as if all its places were gone.
        if not self._present(home.platform) or await rights.standing(home) is Standing.UNKNOWN:
            raise NotYet(AWAY_SECONDS)
        if not rights.heard and self._again(run, "unheard") <= UNHEARD:
            raise NotYet(UNHEARD_SECONDS)
        return rights

    async def _barred(self, rights: Rights, target: Place) -> Paused | None:
        standing = await rights.standing(target)
        if standing is Standing.UNKNOWN:
            raise NotYet(AWAY_SECONDS)
        return {Standing.GONE: Paused.GONE, Standing.BARRED: Paused.BARRED}.get(standing)

    async def _readers(
        self, rights: Rights, says: Schedule, run: Run, within: Mapping[Ground, Collection[Place]]
    ) -> list[_Reader]:
        if says.target is not None:
            return await self._open(rights, within, [Conversation(place=says.target)])
        people = await self._store.subscribers(run.plan.id, limit=self._most)
        return await self._open(rights, within, [rights.alone(each, says.home) for each in people])

    async def _open(
        self, rights: Rights, within: Mapping[Ground, Collection[Place]], talks: Sequence[Conversation]
    ) -> list[_Reader]:
        rooms = frozenset(place.room for places in within.values() for place in places)
        found: list[_Reader] = []
        for talk in talks:
            shown = await rights.open_to(rooms, talk)
            if shown is None:
                raise NotYet(AWAY_SECONDS)
            found.append(_Reader(talk, shown))
        return found

    async def _left(
        self,
        run: Run,
        says: Schedule,
        readers: Sequence[_Reader],
        within: Mapping[Ground, Collection[Place]],
        *,
        waited_for: Person | None = None,
    ) -> tuple[Delivery, ...]:
        """One delivery a language for each reader; those who may read the same share what is made. Whoever waits for it
        is told also that nothing was said."""
        limit = asyncio.timeout(SLICE_SECONDS)
        made: dict[frozenset[str], list[Digest]] = {}
        try:
            async with limit:
                for reader in readers:
                    if reader.rooms not in made:
                        made[reader.rooms] = await self._made(run, says, reader.rooms, within, waited_for)
        except TimeoutError:
            if not limit.expired():
                raise
            self._again(run, "slices")
            raise NotYet(0) from None
        self._unfinished.over(run)
        left: list[Delivery] = []
        for reader in readers:
            for digest in made[reader.rooms]:
                if digest.messages or waited_for is not None or says.empty is Empty.SAY:
                    left.append(await self._delivery(run, says, reader, digest, within))
        return tuple(left)

    async def _made(
        self,
        run: Run,
        says: Schedule,
        rooms: frozenset[str],
        within: Mapping[Ground, Collection[Place]],
        waited_for: Person | None,
    ) -> list[Digest]:
        found: list[Digest] = []
        period = says.period(run.plan, run.at)
        # Whoever waits for it wants what was said just now, too.
        until = run.at if waited_for is not None else run.at - ARRIVING
        for language in says.languages:
            order = Order(
                platform=says.home.platform,
                rooms=rooms,
                places=frozenset(place.key for places in within.values() for place in places if place.room in rooms),
                period=Period(since=period.since - ARRIVING, until=until),
                language=language,
                length=says.length,
            )
            worn_out = self._waits.get((run.key, "slices"), 0) >= SLICES
            asked = partial(self._makes.make, waited_for=waited_for)
            make = partial(self._makes.gather if worn_out else asked, order)
            found.append(replace(await self._unfinished.made(run, order, make), period=period))
            if not found[-1].messages:
                break  # in no other language either
        return found

    async def _delivery(
        self, run: Run, says: Schedule, reader: _Reader, digest: Digest, within: Mapping[Ground, Collection[Place]]
    ) -> Delivery:
        """Names only what may be read."""
        rights = self._choosing.rights(says.home)
        phrases = (await self._phrases.heard(reader.conversation)).to(digest.language)
        named = [ground for ground, places in within.items() if any(place.room in reader.rooms for place in places)]
        heading = phrases.say("digest-plan-heading", places=await self._choosing.names(named, says.home))
        told = self._tells(digest, link=rights.link, phrases=phrases, heading=heading, rooms=reader.rooms)
        # It names them.
        told = tuple(replace(each, rooms=reader.rooms) if each.text == heading else each for each in told)
        words = f"{run.key}\n{reader.conversation.key}\n{digest.language}"
        return Delivery(
            id=hashlib.sha256(words.encode()).hexdigest()[:32],
            conversation=reader.conversation,
            text=text_of(told),
            told=told,
        )

    async def _stopped(self, run: Run, says: Schedule, why: Paused) -> Sequence[Delivery | Plan]:
        """It waits, and whoever made it is told, alone and once."""
        log.error(
            "scheduled digest %d of %s waits: %s. Once that is mended, /digest-resume has it go on",
            *(says.number, run.plan.scope, why.value),
        )
        self._counters.add("digest_runs_total", outcome=why.value)
        plan = says.stopped(run.plan, why)
        if run.plan.owner is None:
            return (plan,)
        talk = self._choosing.rights(says.home).alone(run.plan.owner, says.home)
        phrases = await self._phrases.heard(talk, key=run.plan.owner)
        reason = phrases.say(f"digest-plan-{why.value}")
        text = phrases.say("digest-plan-stopped", number=says.number, reason=reason)
        return (Delivery(id=run.delivery_id(), conversation=talk, text=text), plan)

    def _again(self, run: Run, why: str) -> int:
        """How often by now."""
        key = (run.key, why)
        self._waits[key] = self._waits.pop(key, 0) + 1
        while len(self._waits) > REMEMBERED:
            self._waits.popitem(last=False)
        return self._waits[key]


def _person(key: str) -> Person:
    platform, _, ident = key.partition(":")
    return Person(platform=platform, id=ident, name="")


def _within(rights: Rights, grounds: Sequence[Ground]) -> Mapping[Ground, Collection[Place]]:
    return {ground: rights.within(ground) for ground in grounds}

"""One run: processes that are killed at any await over one store, until everything has happened and all is calm."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.mirroring.harbour import (
    CHANNELS,
    LINK,
    RIGHTS,
    Harbour,
    Spoken,
    Talk,
    Tongues,
    Translator,
    missed,
    trouble,
)
from benchmarks.mirroring.shores import Shores
from benchmarks.program import BenchmarkFailed
from bot.errors import DatabaseUnusable
from bot.settings import MirrorSettings
from bot.storage.store import SqlStore
from bot.talk.event import CaughtUp, Event
from bot.talk.policy import Keep, Policy
from tests.fakes import FakeClock
from tests.once.life import SETTINGS, Engine, Life
from tests.settling import settle
from tests.stores import open_store

LIMITS = MirrorSettings(per_minute=600, backlog=10_000, wait_minutes=240)
AWAITS = 150  # a process that is to die lives for so many more awaits, at most
AWAY = 4  # things that happen before the next one begins, at most
CROWDED = 40  # copies in the outbox or before it, and people pause
CALM_ROUNDS = 400
TOLD = 0.7  # of the echoes that wait, before something else happens


@dataclass(slots=True)
class Outcome:
    talk: Talk
    discord: Harbour
    deaths: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list[str])


class Course:
    def __init__(self, store: SqlStore, clock: FakeClock, seed: int) -> None:
        self._store = store
        self._clock = clock
        self._draw = Random(seed)
        self._shores = Shores(Random(seed + 3))
        self._discord = Harbour(clock, self._shores)
        self._translator = Translator(Random(seed + 1))
        self._life: Life | None = None
        self.outcome = Outcome(Talk(Random(seed + 2), clock, self._discord), self._discord)

    async def run(self, messages: int, deaths: int) -> Outcome:
        await self._link()
        kills = set(self._draw.sample(range(messages), deaths))
        away = 0
        for number in range(messages):
            if self._life is None and away <= 0:
                await self._begins()
            event, spoken = self.outcome.talk.happens()
            if self._life is None:
                away -= 1
            elif number in kills:
                self._life.ends_in = self._draw.randint(0, AWAITS)
            await self._told(event, spoken)
            await self._echo()
            self._send_trouble()
            await self._clock.advance(self._draw.choice((0.0, 0.2, 1.0)))
            if number % 10 == 0:
                await self._unless_crowded()
            if self._life is not None and self._life.dead:
                await self._ends()
                away = self._draw.randint(0, AWAY)
        await self._calms()
        return self.outcome

    async def _link(self) -> None:
        for number, place in enumerate(CHANNELS):
            keep = Keep.ALWAYS if number % 2 else Keep.NEVER
            await self._store.save_policy(place, Policy(keep=keep, announced=True))
        await self._store.propose_link(LINK, forget_before=LINK.made_at)
        if not await self._store.confirm_link(LINK, most=1, told=(), at=LINK.made_at):
            raise BenchmarkFailed("the channels could not be linked")

    async def _begins(self) -> None:
        self._life = Life(
            self._store,
            self._discord,
            Engine(),
            self._clock,
            settings=SETTINGS.model_copy(update={"mirrors": LIMITS}),
            rights=RIGHTS,
            translates=self._translator,
            tongues=Tongues(),
            shapes=self._shores,
        )
        await self._life.begun()
        self._discord.connected = True
        for event, spoken in await missed(self.outcome.talk, self._store):
            await self._told(event, spoken)
        await self._told(CaughtUp(platform="local", since=LINK.made_at), None)

    async def _echo(self) -> None:
        """What has become of threads is told, sometimes late; to nobody who was not there then."""
        while self._shores.echoes and self._draw.random() < TOLD:
            await self._told(self._shores.echoes.pop(0), None)

    async def _told(self, event: Event, spoken: Spoken | None) -> None:
        life, moment = self._life, f"{self._clock.monotonic():.1f} {type(event).__name__}"
        if life is None or life.dead:
            self._note(spoken, f"{moment} to nobody")
            return
        try:
            await life.does(life.rig.hearing.hear(event))
        except DatabaseUnusable as error:
            raise BenchmarkFailed("the database failed") from error
        self._note(spoken, f"{moment} to one that died" if life.dead else moment)
        if spoken is not None and not life.dead:
            spoken.heard = True

    @staticmethod
    def _note(spoken: Spoken | None, what: str) -> None:
        if spoken is not None:
            spoken.history.append(what)

    def _send_trouble(self) -> None:
        found = trouble(self._draw)
        if found is not None and not self._discord.troubles:
            self._discord.troubles.append(found)

    async def _unless_crowded(self) -> None:
        for _ in range(CALM_ROUNDS):
            if self._life is None or self._life.dead or await self._waiting() < CROWDED:
                return
            await self._passes(0.5)

    async def _waiting(self) -> int:
        return await self._store.copies_waiting()

    async def _owing(self) -> int:
        return len(await self._store.owing_threads(limit=1000)) + len(self._shores.echoes)

    async def _passes(self, seconds: float) -> None:
        await asyncio.sleep(0.002)  # the store's threads
        await settle()
        await self._clock.advance(seconds)

    async def _ends(self) -> None:
        if self._life is not None:
            self.outcome.deaths += 1
            await self._life.ends(killed=True)
        self._life, self._discord.connected = None, False
        self._shores.echoes.clear()

    async def _calms(self) -> None:
        """Nothing fails any more, and everything that is owed comes."""
        self._translator.calm = True
        self._discord.troubles.clear()
        if self._life is not None:
            self._life.ends_in = None
        if self._life is None or self._life.dead:
            await self._ends()
            await self._begins()
        for _ in range(CALM_ROUNDS):
            await self._echo()
            self.outcome.waiting = await self._waiting() + len(await self._store.undelivered()) + await self._owing()
            if not self.outcome.waiting:
                break
            await self._passes(5.0)
        if self._life is not None:
            await self._life.ends(killed=False)


async def run(folder: Path, *, seed: int, messages: int, deaths: int) -> Outcome:
    """Everything that is not told by then is in `waiting`."""
    clock = FakeClock()
    async with open_store(SETTINGS.database, folder, clock=clock) as store:
        return await Course(store, clock, seed).run(messages, deaths)

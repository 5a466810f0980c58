"""The course of events: one life of the program after the other, each to its planned end, then quiet and a verdict."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from benchmarks.program import BenchmarkFailed
from benchmarks.torture.journal import Journal
from benchmarks.torture.judge import Verdict, judge
from benchmarks.torture.people import People
from benchmarks.torture.plan import Kill, Moment, Plan
from benchmarks.torture.records import Records
from benchmarks.torture.thinking import Thinking
from benchmarks.torture.town import Town, town
from benchmarks.torture.trap import Rough, Trap
from benchmarks.torture.victim import Victim

READY_SECONDS = 60.0  # from a start until Discord accepts the program, at most
LIFE_SECONDS = 2.5  # after which a trap that nobody stepped into is sprung
TIME_SECONDS, SOON_SECONDS = 2.5, 0.5  # of life before a kill by time, and of one soon after the start, at most
USUAL_SECONDS, SLOWEST = 1.0, 5.0
"""From a start until Discord accepts the program on a quiet machine; how many times longer is reckoned with."""
MEANWHILE = 0.35  # of what people say in a life may be said before Discord has accepted the program
CROWD = 60  # questions that wait: more, and the program is left alone until fewer do, or for so long:
PATIENCE_SECONDS = 12.0
FIRST_ANSWERS_SECONDS = 60.0
QUIET_SECONDS = 4.0  # without a change on Discord, and the end is reached
END_SECONDS = 180.0  # at most, whatever is still owed then is lost


@dataclass(slots=True, kw_only=True)
class Outcome:
    """`recovered`: seconds from each kill to the next session on the gateway, over later kills. `quiet`: how
    long the end took. `states`: deliveries by state; `pending`: questions that the database still calls open."""

    verdict: Verdict
    messages: int = 0
    questions: int = 0
    seconds: float = 0.0
    quiet: float = 0.0
    recovered: list[float] = field(default_factory=list[float])
    kills: int = 0
    own_exits: list[str] = field(default_factory=list[str])
    sends_lost: int = 0
    engine_faults: int = 0
    states: dict[str, int] = field(default_factory=dict[str, int])
    pending: int = 0
    exit_codes: tuple[int, int] = (0, 0)


class Course:
    """One run."""

    def __init__(self, plan: Plan, where: Town, people: People, victim: Victim, journal: Journal, trap: Trap) -> None:
        self._plan = plan
        self._where = where
        self._people = people
        self._victim = victim
        self._journal = journal
        self._trap = trap
        self._usual = 1.5  # seconds a start takes, as measured
        self._killed = 0.0
        self._quota = 0
        self._sessions = 0
        self._is_accepted = False
        self._doors: set[asyncio.Task[None]] = set()
        self.kills = 0
        self.recovered: list[float] = []

    async def first(self) -> None:
        """A question to each room, in peace: from then on transcripts are kept. Raises BenchmarkFailed."""
        await self._start()
        await self._begin()
        self._people.allow(self._plan.rooms)
        ledger = self._people.ledger
        if not await self._until(lambda: self._people.done and not ledger.waiting, FIRST_ANSWERS_SECONDS):
            raise BenchmarkFailed(f"{len(ledger.waiting)} first questions were not answered: see {self._victim.log}")

    async def torture(self, thinking: Thinking) -> None:
        """Every kill, with people writing all the while. The program lives at the end."""
        plan, rest = self._plan, len(self._plan.messages) - self._plan.rooms
        for number, kill in enumerate(plan.kills, start=1):
            before = plan.rooms + rest * (number - 1) // len(plan.kills)
            self._quota = plan.rooms + rest * number // len(plan.kills)
            self._people.allow(before + round((self._quota - before) * MEANWHILE))
            seconds = thinking.goes_away()
            if seconds is not None and not self._doors:
                door = asyncio.create_task(thinking.away(self._where.engine, seconds))
                self._doors.add(door)
                door.add_done_callback(self._doors.discard)
            await self._unless_it_ends(self._lives(kill))
            await self._victim.kill(f"{kill.moment} {kill.count} {kill.share:.2f}")
            self._killed = monotonic()
            self.kills += 1
            self._trap.let_go()
            self._tidy()
            await self._start()
        self._people.allow(len(plan.messages))
        await self._begin()
        for door in list(self._doors):
            await door

    async def quiet(self, seconds: float) -> float:
        """Until nobody waits any more and nothing has moved for a while; how long that took."""
        began, ledger = monotonic(), self._people.ledger

        def over() -> bool:
            return (
                self._people.done
                and not ledger.waiting
                and monotonic() - max(ledger.moved, self._victim.started) > QUIET_SECONDS
            )

        if not await self._until(over, seconds):
            self._journal.life(f"{len(ledger.waiting)} questions still wait after {seconds:g} s of quiet")
        return monotonic() - began

    async def again(self) -> tuple[int, int]:
        """End it properly, start it once more and see whether it says anything; the exit codes of both."""
        first = await self._victim.stop()
        self._tidy()
        await self._start()
        await self._begin()
        await self.quiet(QUIET_SECONDS * 3)
        return first, await self._victim.stop()

    async def _start(self) -> None:
        self._sessions = self._accepted_so_far()
        self._is_accepted = False
        await self._victim.start()

    def _accepted_so_far(self) -> int:
        gateway = self._where.discord.gateway
        return gateway.identified + gateway.resumed

    async def _begin(self) -> None:
        """Until the program has a session, however often it ends itself before. Raises BenchmarkFailed."""
        while not await self._unless_it_ends(self._accepted()):
            await self._start()

    async def _lives(self, kill: Kill) -> None:
        """The life that has just begun, until it is to end."""
        if kill.moment is Moment.STARTING:
            await asyncio.sleep(kill.share * self._usual)
            return
        if kill.moment is Moment.READING and len(self._people.ledger.waiting) < CROWD:
            self._trap.arm(kill)
        sprung = asyncio.create_task(self._trap.sprung.wait())
        accepted = asyncio.create_task(self._accepted())
        try:
            await asyncio.wait({sprung, accepted}, return_when=asyncio.FIRST_COMPLETED)
            if accepted.done():
                accepted.result()
                await self._lives_on(kill)
        finally:
            for task in (sprung, accepted):
                task.cancel()
            await asyncio.gather(sprung, accepted, return_exceptions=True)

    async def _lives_on(self, kill: Kill) -> None:
        # On a machine with other things to do a start takes longer, and so does everything else.
        slow = min(max(self._usual / USUAL_SECONDS, 1.0), SLOWEST)
        if kill.moment is Moment.READY:
            await asyncio.sleep(kill.share * SOON_SECONDS * slow)
            return
        ledger = self._people.ledger
        if len(ledger.waiting) > CROWD:
            self._journal.life(f"{len(ledger.waiting)} questions wait: the program is left alone")
            await self._until(lambda: len(ledger.waiting) < CROWD // 3, PATIENCE_SECONDS * slow)
        if kill.moment is Moment.TIME:
            await asyncio.sleep(kill.share * TIME_SECONDS * slow)
            return
        if kill.moment is not Moment.READING or not self._trap.sprung.is_set():
            self._trap.arm(kill)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIFE_SECONDS * slow):
                await self._trap.sprung.wait()

    async def _accepted(self) -> None:
        """Returns when this life has, or had, a session."""
        if self._is_accepted:
            return
        if not await self._until(lambda: self._accepted_so_far() > self._sessions, READY_SECONDS):
            raise BenchmarkFailed(f"the program was not there after {READY_SECONDS:g} s: see {self._victim.log}")
        self._is_accepted = True
        self._people.allow(self._quota)
        self._usual = 0.8 * self._usual + 0.2 * (monotonic() - self._victim.started)
        self._journal.life("Discord has accepted the program")
        if self._killed:
            self.recovered.append(monotonic() - self._killed)
            self._killed = 0.0

    async def _unless_it_ends(self, what: Awaitable[None]) -> bool:
        """Whether it came to its end before the program came to its own."""
        task, ended = asyncio.ensure_future(what), asyncio.create_task(self._victim.ended())
        try:
            await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                ended.result()
                return False
            task.result()
            return True
        finally:
            for each in (task, ended):
                each.cancel()
            await asyncio.gather(task, ended, return_exceptions=True)

    async def _until(self, condition: object, seconds: float) -> bool:
        """Whether it held within so many seconds."""
        assert callable(condition)
        try:
            await self._where.discord.wait_for(condition, seconds)
        except TimeoutError:
            return False
        return True

    def _tidy(self) -> None:
        """So that long runs stay lean: nobody looks back at requests, nobody resumes the sessions of the dead."""
        self._where.discord.gateway.forget_sessions()
        self._where.discord.requests.clear()
        self._where.discord.gateway.received.clear()
        self._where.engine.requests.clear()


@asynccontextmanager
async def _place(plan: Plan, journal: Journal) -> AsyncGenerator[tuple[Town, Trap, Rough, Thinking]]:
    trap = Trap()
    long = frozenset(each.word for each in plan.messages if each.long)
    thinking = Thinking(trap, journal, plan.seed, long)
    async with town(thinking.says) as where:
        rough = Rough(trap, journal, plan.seed)
        where.discord.faults = where.discord.api.faults = rough
        yield where, trap, rough, thinking


async def run(plan: Plan, records: Records, folder: Path, journal: Journal) -> Outcome:
    """Raises BenchmarkFailed where there is no honest verdict."""
    async with _place(plan, journal) as (where, trap, rough, thinking):
        victim = Victim(where.settings(folder, records.settings), folder, journal)
        async with People(where, plan.messages, journal) as people:
            course = Course(plan, where, people, victim, journal, trap)
            try:
                await course.first()
                rough.rough = thinking.rough = True
                began = monotonic()
                await course.torture(thinking)
                rough.rough = thinking.rough = False
                quiet = await course.quiet(END_SECONDS)
                seconds = monotonic() - began
                owed = judge(where, people.ledger, (), kept_from=len(plan.messages))
                exit_codes = await course.again()
            finally:
                await victim.kill("the run is over")
            rows = await records.messages()
            verdict = judge(where, people.ledger, rows, kept_from=plan.rooms)
            verdict.lost, verdict.apologised = owed.lost, owed.apologised
            questions = [each for each in people.ledger.entries.values() if each.planned.question]
            return Outcome(
                verdict=verdict,
                messages=len(people.ledger.entries),
                questions=len(questions),
                seconds=seconds,
                quiet=quiet,
                recovered=course.recovered,
                kills=course.kills,
                own_exits=victim.own_exits,
                sends_lost=rough.lost,
                engine_faults=thinking.faults,
                states=dict(await records.deliveries()),
                pending=sum(row.pending for row in rows),
                exit_codes=exit_codes,
            )

"""A year of 10,000 scheduled digests in twenty zones, in which the process is killed 200 times: each comes once.

Time passes as it does while there is work to do and jumps where there is none, so that lateness is what the program
makes of it. The store, the plans and what carries out digests are the program's own; who may read what, and the model,
are not asked. A process that is killed (SIGKILL) is away for minutes, hours or days; of several moments of a digest
that pass meanwhile the latest comes, and tells of all the time. `benchmarks/scheduling/judge.py` reckons another way.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from mmap import mmap
from pathlib import Path
from random import Random
from time import monotonic, sleep

from benchmarks.program import BenchmarkFailed
from benchmarks.reporting import Report, arguments, percentile
from benchmarks.scheduling.judge import Up, Verdict, judge
from benchmarks.scheduling.passing import SHOWN
from benchmarks.scheduling.population import START, YEAR, Wanted, draw, planned
from benchmarks.scheduling.worker import forked, work
from bot.operate.clock import SystemClock
from bot.settings import Settings
from bot.storage import plans
from bot.storage.address import FILE_NAME, find
from bot.storage.connection import Connections
from bot.storage.store import open_store

SEED = 20261123
LATE_SECONDS = 1.0
POLL_SECONDS = 0.0005
STUCK_SECONDS = 120.0
"""A process whose time does not pass for so long has failed."""
BEHIND = timedelta(hours=1)
"""After the end, in which what was due last is carried out."""
TOLD = 10  # violations of one kind that are told


@dataclass(slots=True)
class Course:
    """Processes one after the other. `ups`: when each ran."""

    folder: Path
    random: Random
    board: mmap
    ups: list[Up] = field(default_factory=list[Up])
    passed: float = 0.0
    kills: int = 0

    def until(self, moment: float) -> None:
        """A process runs until then, and is killed."""
        since, folder, board = self.passed, self.folder, self.board
        SHOWN.pack_into(board, 0, since)
        child = forked(lambda: asyncio.run(work(folder, START, since, board)))
        try:
            self._watch(child, moment)
        finally:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        (self.passed,) = SHOWN.unpack_from(board, 0)
        self.ups.append(Up(since=_at(since), until=_at(self.passed)))
        if not os.WIFSIGNALED(status):
            raise BenchmarkFailed("a process ended by itself")

    def _watch(self, child: int, moment: float) -> None:
        before, moved = self.passed, monotonic()
        while (now := SHOWN.unpack_from(self.board, 0)[0]) < moment:
            if now != before:
                before, moved = now, monotonic()
            if monotonic() - moved > STUCK_SECONDS or os.waitpid(child, os.WNOHANG)[0]:
                raise BenchmarkFailed("a process ended by itself, or its time stands still")
            sleep(POLL_SECONDS)

    def away(self) -> None:
        share = self.random.random()
        if share < 0.7:
            self.passed += self.random.expovariate(1 / 300)
        elif share < 0.95:
            self.passed += self.random.uniform(0.5, 12) * 3600
        else:
            self.passed += self.random.uniform(1, 4) * 86400


def _at(passed: float) -> datetime:
    return START + timedelta(seconds=passed)


async def _plan_all(folder: Path, population: Sequence[Wanted]) -> None:
    """In one transaction."""
    settings = Settings()
    async with open_store(settings.database, folder, clock=SystemClock()):
        connections = Connections(find(settings.database, folder))
        try:
            await connections.write(lambda c: [plans.save(c, planned(each)) for each in population])
        finally:
            await connections.close()


def course(folder: Path, population: Sequence[Wanted], *, kills: int, length: timedelta, seed: int) -> Course:
    """All of it. Raises BenchmarkFailed where a process ends by itself."""
    setting_up = forked(lambda: asyncio.run(_plan_all(folder, population)) or os._exit(0))
    if os.waitpid(setting_up, 0)[1]:
        raise BenchmarkFailed("what is planned could not be written down")
    random = Random(seed)
    moments = sorted(random.uniform(0, length.total_seconds()) for _ in range(kills))
    with closing(mmap(-1, SHOWN.size)) as board:
        under_way = Course(folder, random, board)
        for moment in moments:
            under_way.until(max(moment, under_way.passed + random.uniform(1, 600)))
            under_way.kills += 1
            under_way.away()
        under_way.until(max(length.total_seconds(), under_way.passed) + BEHIND.total_seconds())
    return under_way


def report(verdict: Verdict, under_way: Course, population: Sequence[Wanted], seconds: float) -> Report:
    made = Report()
    made.add("plans", len(population))
    made.add("kills", under_way.kills)
    made.add("runs", verdict.runs)
    made.add("missed", len(verdict.missed), at_most=0)
    made.add("doubled", len(verdict.doubled), at_most=0)
    made.add("strange", len(verdict.strange), at_most=0)
    made.add("late_p50_s", percentile(verdict.late, 0.5), "s")
    made.add("late_p99_s", percentile(verdict.late, 0.99), "s", at_most=LATE_SECONDS)
    made.add("late_max_s", max(verdict.late), "s")
    made.add("seconds", seconds, "s")
    return made


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--plans", type=int, default=10_000, help="how many digests are scheduled")
    parser.add_argument("--kills", type=int, default=200, help="how often the process is killed")
    parser.add_argument("--days", type=float, default=YEAR / timedelta(days=1), help="how long it goes on")
    parser.add_argument("--seed", type=int, default=SEED, help="draws everything that happens")
    options = parser.parse_args()
    population = draw(options.plans, options.seed)
    folder = Path(tempfile.mkdtemp(prefix="calanque-schedule-"))
    began = monotonic()
    try:
        length = timedelta(days=options.days)
        under_way = course(folder, population, kills=options.kills, length=length, seed=options.seed)
        verdict = judge(population, under_way.ups, folder, FILE_NAME)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, found in (("missed", verdict.missed), ("doubled", verdict.doubled), ("strange", verdict.strange)):
        for each in found[:TOLD]:
            print(f"{name}: {each}", file=sys.stderr)
    report(verdict, under_way, population, monotonic() - began).show(as_json=options.json)


if __name__ == "__main__":
    main()

"""Whether anything grows that should not: days of a town's talk through the whole house, on a virtual clock.

Messages go through `hear`, questions through `answer` and `deliver`, conversations are tended, every night retention
runs, reminders come when they are due: all as in the program, over a real SQLite file and with the real process that
opens pictures. Platform and engine are doubles that keep nothing. Memory, tasks, descriptors and the loop's lag are
real.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.program import measure
from benchmarks.reporting import Report, arguments, percentile
from benchmarks.soaking.house import REMINDER, START, Level, soaking
from benchmarks.soaking.town import share
from bot.operate.metrics import MemoryCounters
from bot.plans import RETENTION

WARM_UP = 0.15
"""Of the messages; then caches are full and the allocator knows its sizes."""
PROBE_SECONDS = 0.02
LONGEST = 1200.0
RSS_MIB, LAG_MS = 32.0, 50.0


@dataclass(slots=True)
class Probe:
    """How late the loop is, in milliseconds, each time it should have woken."""

    late: list[float] = field(default_factory=list[float])

    async def run(self) -> None:
        while True:
            due = time.monotonic() + PROBE_SECONDS
            await asyncio.sleep(PROBE_SECONDS)
            self.late.append((time.monotonic() - due) * 1000)


async def soaked(days: float, messages: int, folder: Path) -> Report:
    begun, probe, report = time.monotonic(), Probe(), Report()
    async with soaking(folder) as soak:
        for event in soak.town.beginning(START):
            await soak.house.hearing.hear(event)
        probing = asyncio.create_task(probe.run())
        base: Level | None = None
        grown: list[float] = []
        owed = 0.0
        minutes = max(1, round(days * 1440))
        for minute in range(minutes):
            moment = START + timedelta(minutes=minute + 1)
            owed += messages / minutes * (share(moment.hour) if days >= 1 else 1)
            last, rest = minute == minutes - 1, messages - soak.town.messages
            said = rest if last else min(int(owed), rest)
            owed -= said
            await soak.minute(moment, said)
            if base is None and soak.town.messages >= WARM_UP * messages:
                base = await soak.level()
                probe.late.clear()
            if base is not None and minute % 60 == 0:
                grown.append(soak.rss() - base.rss)
            if base is not None and minute % 360 == 0:
                print(
                    f"day {minute / 1440:.2f}: {soak.town.messages} messages, {soak.rss() - base.rss:+.1f} MiB",
                    flush=True,
                )
        end = await soak.level()
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
        assert base is not None
        report.add("days", days)
        report.add("messages", soak.town.messages)
        report.add("answers", soak.engine.replies)
        report.add("reminders", _runs(soak.counters, REMINDER))
        report.add("nights", _runs(soak.counters, RETENTION))
        report.add(
            "rss_growth_mib",
            max(end.rss - base.rss, median([*grown[-12:], end.rss - base.rss])),
            "MiB",
            at_most=RSS_MIB,
        )
        report.add("tasks_growth", end.tasks - base.tasks, at_most=0)
        report.add("fds_growth", end.fds - base.fds, at_most=0)
        report.add("objects_growth", end.objects - base.objects)
        report.add("loop_lag_ms_p99", percentile(probe.late, 0.99), "ms", at_most=LAG_MS)
        report.add("loop_lag_ms_max", max(probe.late), "ms")
        report.add("rss_mib", end.rss, "MiB")
        report.add("database_mib", await asyncio.to_thread(_size, folder), "MiB")
        report.add("seconds", time.monotonic() - begun, "s")
    return report


def _runs(counters: MemoryCounters, kind: str) -> float:
    ended = [series for series in counters.snapshot() if series.name == "plan_runs_total"]
    return sum(series.value for series in ended if ("kind", kind) in series.labels)


def _size(folder: Path) -> float:
    """MiB of the database, its log included."""
    return sum(each.stat().st_size for each in folder.glob("*.sqlite3*")) / 2**20


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--days", type=float, default=7, help="simulated days")
    parser.add_argument("--messages", type=int, default=200_000, help="messages that people write in them")
    options = parser.parse_args()
    if options.days <= 0 or options.messages < 100:
        parser.error("days must be above 0 and messages at least 100")
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="calanque-soak-") as name:
        measure(soaked(options.days, options.messages, Path(name)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()

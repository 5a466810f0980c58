"""Reads one page as the program does, and tells what that took: `python -m benchmarks.bombs_reader PORT BODY`."""

from __future__ import annotations

import asyncio
import json
import resource
import ssl
import sys
import time
from pathlib import Path

from bot.errors import BadCall
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Web
from bot.web.client import guarded_client
from bot.web.fetching import Fetcher, FetchLimits
from bot.web.guard import Guard
from bot.web.pages import Pages
from tests.web.hosts import HERE, Everywhere, Mapped

CHARS = 200_000
KIB = 1024


def peak() -> float:
    """The most memory so far, in MiB, since `forget_peak`."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / KIB for line in lines if line.startswith("VmHWM"))


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def beside() -> float:
    """The most memory that a process of ours took that has ended, in MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB


async def read(port: int, body: str) -> dict[str, object]:
    settings = Web()
    guard = Guard(Everywhere(), dial=Mapped({(HERE, 80): port}), own=lambda _: False)
    async with guarded_client(guard, ssl.create_default_context()) as client:
        size = settings.mib * 2**20
        limits = FetchLimits(total_seconds=settings.seconds, body_bytes=size, decoded_bytes=size, pause=0.0)
        fetcher = Fetcher(client, guard, limits, clock=SystemClock())
        pages = Pages(fetcher, documents=None, chars=CHARS, counters=MemoryCounters())
        await pages.read("http://example.org/small")
        forget_peak()
        before, before_beside, began = peak(), beside(), time.monotonic()
        try:
            page = await pages.read(f"http://example.org/{body}")
            outcome = f"{'cut' if page.cut else 'read'}, {len(page.text)} characters"
        except BadCall as error:
            outcome = str(error)
        seconds = time.monotonic() - began
        return {
            "mib": peak() - before + beside() - before_beside,
            "seconds": seconds,
            "outcome": outcome,
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(read(int(sys.argv[1]), sys.argv[2]))))

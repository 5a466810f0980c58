"""What a hostile body costs whoever reads it: memory and time of one page, through the real client, guard and reader.

Each body is served on loopback to a fresh process that has read a small page before. Its memory is the most that it
took on top, with the most that the process beside it took that makes pages readable.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bombs_bodies import served
from benchmarks.program import ROOT
from benchmarks.reporting import Report, arguments

MOST_MIB, MOST_SECONDS = 64, 10
GIVE_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How reading one body went. `outcome`: read, cut, or why not."""

    body: str
    mib: float
    seconds: float
    outcome: str


async def measured(bodies: Sequence[str], *, mebibytes: int) -> Sequence[Read]:
    found: list[Read] = []
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), bodies, mebibytes=mebibytes) as port:
            for body in bodies:
                print(f"{body} …", flush=True)
                async with _reader(port, body) as told:
                    found.append(Read(body=body, **told))
    return found


@asynccontextmanager
async def _reader(port: int, body: str) -> AsyncGenerator[Mapping[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bombs_reader", str(port), body, stdout=PIPE, cwd=ROOT
    )
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            answer, _ = await process.communicate()
        yield json.loads(answer)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def report(found: Sequence[Read]) -> Report:
    told = Report()
    told.add("bodies", len(found))
    told.add("more_mib", max(each.mib for each in found), "MiB", at_most=MOST_MIB)
    told.add("seconds_max", max(each.seconds for each in found), "s", at_most=MOST_SECONDS)
    for each in found:
        told.add(f"{each.body}_mib", each.mib, "MiB")
        told.add(f"{each.body}_seconds", each.seconds, "s")
    return told


def main() -> None:
    from benchmarks.bombs_bodies import BODIES  # noqa: PLC0415 - beside what parses

    parser = arguments(__doc__ or "")
    parser.add_argument("--mib", type=int, default=1024, help="size of a bomb when it is decoded")
    parser.add_argument("--only", choices=sorted(BODIES), action="append", help="this body alone; may be repeated")
    options = parser.parse_args()
    found = asyncio.run(measured(options.only or list(BODIES), mebibytes=options.mib))
    for each in found:
        print(f"{each.body}: {each.mib:.1f} MiB, {each.seconds:.2f} s: {each.outcome}")
    report(found).show(as_json=options.json)


if __name__ == "__main__":
    main()

"""Dies at every moment of a scenario, one after the other, and tells which of them the program did not get over."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

from benchmarks.torture.records import Kind
from tests.failpoints.dying import count, die_at
from tests.failpoints.postgres import Server, postgres
from tests.failpoints.reminders import reminders
from tests.failpoints.scenario import evening
from tests.failpoints.scene import Opens
from tests.failpoints.support import support

SCENARIOS: dict[str, Opens] = {"evening": evening, "reminders": reminders, "support": support}


async def die_everywhere(folder: Path, scenario: str, kind: Kind, numbers: slice) -> int:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(postgres(folder / "server")) if kind is Kind.POSTGRES else None
        return await _die_everywhere(folder, SCENARIOS[scenario], server, numbers)


async def _die_everywhere(folder: Path, opens: Opens, server: Server | None, numbers: slice) -> int:
    began = monotonic()
    points = await count(folder / "alive", opens, server)
    _tell(f"{len(points)} moments")
    deaths = unreached = broken = 0
    for number in range(1, len(points) + 1)[numbers]:
        death = await die_at(number, folder / f"{number:04d}", opens, server)
        deaths += death.reached
        unreached += not death.reached
        if death.violations:
            broken += 1
            _tell("\n    ".join([f"{number} ({death.what or points[number - 1]}):", *death.violations]))
    _tell(f"the journals and logs are in {folder}")
    figures = {"points": len(points), "deaths": deaths, "unreached": unreached, "violations": broken}
    _tell(json.dumps(figures | {"seconds": round(monotonic() - began, 1)}))
    return 1 if broken else 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="die only at every so manieth moment")
    parser.add_argument("--first", type=int, default=1, help="of these moments, by its number")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="evening", help="what happens")
    parser.add_argument("--database", type=Kind, choices=list(Kind), default=Kind.SQLITE, help="where it is kept")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="calanque-failpoints-"))
    return asyncio.run(
        die_everywhere(folder, options.scenario, options.database, slice(options.first - 1, None, options.every))
    )


if __name__ == "__main__":
    sys.exit(main())

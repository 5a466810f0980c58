"""Dies at every moment of the evening, one after the other, and tells which of them the program did not get over."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.failpoints.dying import count, die_at


async def die_everywhere(folder: Path, every: int) -> int:
    began = monotonic()
    points = await count(folder / "alive")
    _tell(f"{len(points)} moments")
    deaths = unreached = broken = 0
    for number in range(1, len(points) + 1, every):
        death = await die_at(number, folder / f"{number:04d}")
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
    options = parser.parse_args()
    return asyncio.run(die_everywhere(Path(tempfile.mkdtemp(prefix="calanque-failpoints-")), options.every))


if __name__ == "__main__":
    sys.exit(main())

"""What the calculator makes of whoever tries to get out of it or to burn a core with it, beside what others would use.

More than 500 inputs go through the real toolbox, in a process that watches what each touches outside (an escape), and
the CPU time and memory it takes. The same inputs go to simpleeval and to Python's `eval` without builtins; what takes
longer than `--patience` seconds has its process killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.calculator_inputs import hostile
from benchmarks.program import ROOT
from benchmarks.reporting import Report, arguments

MOST_MS, MOST_MIB = 100, 64
LEAST_INPUTS = 500
MOST_SHOWN = 10
LINE = 64 * 2**20  # bytes of the longest line
STARTING_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one input went. `killed`: it never ended."""

    expression: str
    ms: float
    mib: float = 0.0
    escaped: bool = False
    unclear: bool = False
    killed: bool = False


class Contender:
    """A process that calculates; a new one after each that had to be killed."""

    def __init__(self, name: str, *, patience: float, memory: bool) -> None:
        self._command = [sys.executable, "-m", "benchmarks.calculator_worker", name, *(["memory"] if memory else [])]
        self._patience = patience
        self._process: Process | None = None

    async def tries(self, expression: str) -> Tried:
        process = self._process or await self._begin()
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._patience):
                await self._send(process, expression)
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError):
            line = b""
        if not line:
            await self.aclose()
            return Tried(expression=expression, ms=1000 * self._patience, killed=True)
        told = json.loads(line)
        return Tried(
            expression=expression,
            ms=told["ms"],
            mib=told["mib"],
            escaped=bool(told["touched"]) or told["outcome"] == "thing",
            unclear=told["outcome"] == "broke",
        )

    async def _begin(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, limit=LINE
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTING_SECONDS):  # until it has imported what it needs
            await self._send(self._process, "1 + 1")
            await self._process.stdout.readline()
        return self._process

    async def _send(self, process: Process, expression: str) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(expression).encode() + b"\n")
        await process.stdin.drain()

    async def aclose(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def measured(name: str, inputs: Sequence[str], *, patience: float) -> list[Tried]:
    """Every input twice: for its time, and for its memory where it ends."""
    first, second = (Contender(name, patience=patience, memory=memory) for memory in (False, True))
    found: list[Tried] = []
    try:
        for expression in inputs:
            timed = await first.tries(expression)
            weighed = None if timed.killed else await second.tries(expression)
            found.append(
                Tried(
                    expression=expression,
                    ms=timed.ms,
                    mib=0.0 if weighed is None else weighed.mib,
                    escaped=timed.escaped,
                    unclear=timed.unclear,
                    killed=timed.killed,
                )
            )
    finally:
        await first.aclose()
        await second.aclose()
    return found


def report(found: dict[str, list[Tried]]) -> Report:
    """Of `ours` with the goals, and of the others beside it."""
    told = Report()
    own = found["ours"]
    told.add("inputs", len(own), at_least=LEAST_INPUTS)
    told.add("escapes", sum(each.escaped for each in own), at_most=0)
    told.add("unclear", sum(each.unclear or each.killed for each in own), at_most=0)
    told.add("ms_max", max(each.ms for each in own), "ms", at_most=MOST_MS)
    told.add("mib_max", max(each.mib for each in own), "MiB", at_most=MOST_MIB)
    told.add_percentiles("ms", [each.ms for each in own], "ms")
    for name, tried in found.items():
        if name != "ours":
            told.add(f"{name}_escapes", sum(each.escaped for each in tried))
            told.add(f"{name}_slow", sum(each.ms > MOST_MS for each in tried))
            told.add(f"{name}_killed", sum(each.killed for each in tried))
            told.add(f"{name}_ms_max", max(each.ms for each in tried), "ms")
            told.add(f"{name}_mib_max", max(each.mib for each in tried), "MiB")
    return told


async def compare(inputs: Sequence[str], names: Sequence[str], *, patience: float) -> dict[str, list[Tried]]:
    found: dict[str, list[Tried]] = {}
    for name in names:
        print(f"{len(inputs)} inputs for {name} …", flush=True)
        found[name] = await measured(name, inputs, patience=patience)
    return found


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--patience", type=float, default=2.0, help="seconds until a process is killed")
    parser.add_argument("--alone", action="store_true", help="leave out what others would use")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="list the N slowest inputs of ours")
    options = parser.parse_args()
    if options.patience <= 0:
        parser.error("patience must be positive")
    names = ["ours"] if options.alone else ["ours", "simpleeval", "eval"]
    found = asyncio.run(compare(hostile(), names, patience=options.patience))
    for each in sorted(found["ours"], key=lambda tried: -tried.ms)[: options.show]:
        print(f"{each.ms:.1f} ms, {each.mib:.2f} MiB: {each.expression[:80]!r}")
    bad = [each for each in found["ours"] if each.escaped or each.unclear or each.killed]
    for each in bad[:MOST_SHOWN]:
        print(f"escaped, or without a reason: {each.expression[:80]!r}")
    report(found).show(as_json=options.json)


if __name__ == "__main__":
    main()

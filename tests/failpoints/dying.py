"""One scenario in which the program dies at a given moment and is started again, and what was wrong afterwards."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.program import ROOT
from benchmarks.torture.journal import Journal
from benchmarks.torture.records import Records
from benchmarks.torture.victim import Victim
from tests.failpoints.postgres import Server
from tests.failpoints.scenario import evening
from tests.failpoints.scene import Opens, Scene

COMMAND = (sys.executable, "-m", "tests.failpoints", "run")
START_SECONDS = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """`at`: the moment, as in `Points`; `reached`: whether the program came to it at all; `what` it was called."""

    at: str
    what: str
    reached: bool
    violations: tuple[str, ...]


async def count(folder: Path, opens: Opens = evening, server: Server | None = None) -> list[str]:
    """The moments of a scenario in which nobody dies, in order. Raises AssertionError where even that goes wrong."""
    death = await die_at("0", folder, opens, server)
    assert not death.violations, death.violations
    return _read(folder)


async def die_at(at: int | str, folder: Path, opens: Opens = evening, server: Server | None = None) -> Death:
    """In a new folder, and a new database, on the server or in the folder. 0: it lives on."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    records = Records(settings={}, folder=folder) if server is None else await server.records(folder)
    with Journal(folder / "journal.txt") as journal:
        async with opens(journal) as one:
            await one.prepare(records)
            reached, wrong = await _lives(one, str(at), records, journal)
            left = await one.violations(records)
    points = _read(folder)
    what = points[-1] if reached and points else ""
    return Death(at=str(at), what=what, reached=reached, violations=(*wrong, *left))


async def _lives(one: Scene, at: str, records: Records, journal: Journal) -> tuple[bool, list[str]]:
    """Whether it died as it should, and what went wrong."""
    folder = records.folder
    dying = {"FAILPOINT_LOG": str(folder / "points.txt"), "FAILPOINT_AT": at}
    victim = Victim(_env(one, records) | dying, folder, journal, COMMAND)
    wrong: list[str] = []
    passing = asyncio.create_task(_passed(one))
    await victim.start()
    codes = [await _lived(victim, passing)]
    if codes[0] == -signal.SIGKILL:
        one.town.discord.gateway.forget_sessions()
        victim.environ(_env(one, records))
        await victim.start()
        if passing.done():  # the moment came at the very end
            wrong += passing.result()
            passing = asyncio.create_task(_passed(one, again=True))
        codes.append(await _lived(victim, passing))
    if codes[-1] != 0:
        wrong.append(f"it ended with {codes[-1]}: see {victim.log}")
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)
    if not passing.cancelled():
        wrong += passing.result()
    return codes[0] == -signal.SIGKILL, wrong


async def _lived(victim: Victim, passing: asyncio.Task[list[str]]) -> int:
    """With what it ended: by itself, or asked to when the evening had passed."""
    ending = asyncio.create_task(victim.ended())
    try:
        await asyncio.wait({passing, ending}, return_when=asyncio.FIRST_COMPLETED)
        return ending.result() if ending.done() else await victim.stop()
    finally:
        ending.cancel()
        await victim.kill("the evening is over")
        await asyncio.gather(ending, return_exceptions=True)


async def _passed(one: Scene, *, again: bool = False) -> list[str]:
    """What people did not get. `again`: everything has been said already."""
    wrong: list[str] = []
    try:
        await one.town.discord.until_connected(within=START_SECONDS)
        if not again:
            await one.passes()
    except* TimeoutError as errors:
        wrong += [f"somebody waited in vain: {error}" for error in errors.exceptions]
    if not await one.is_over():
        wrong.append(f"still waiting: {one.waiting}")
    return wrong


def _env(one: Scene, records: Records) -> dict[str, str]:
    own = one.town.settings(records.folder, records.settings)
    return {**own, "LIMITS_SHUTDOWN_SECONDS": "0", "PYTHONPATH": str(ROOT)}


def _read(folder: Path) -> list[str]:
    path = folder / "points.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.partition(" ")[2] for line in lines]

"""Whether the program can do its work now: checks that other parts hand in, and what they have found since when.

A check is a plain function that looks at what is known and returns at once. What takes a while to find out (a database,
an engine) is a `Probe`: one look at a time, kept for some seconds, so that however many ask, nothing piles up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import CalanqueError
from bot.ports import Clock

_log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
"""What is not well is believed no longer than this, so that it is seen soon when it is well again."""

PATIENCE_SECONDS = 10.0
"""A look that has not come to its end after so long is itself what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found. `mend`: a sentence on what to do, empty where all is well. Neither holds words of people."""

    well: bool
    found: str
    mend: str = ""


Check = Callable[[], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One check as it stands; `since`: when it began to be well, or not to be."""

    name: str
    verdict: Verdict
    since: datetime


class Probe:
    """A check whose answer takes a while. `run` is to be going on in one task, which does all the looking.

    `look` raises CalanqueError for what is wrong, or returns a verdict; `good_for`: seconds for which it is believed.
    """

    def __init__(
        self,
        what: str,
        look: Callable[[], Awaitable[Verdict]],
        *,
        mend: str,
        good_for: float,
        clock: Clock,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._what = what
        self._look = look
        self._mend = mend
        self._good_for = good_for
        self._patience = patience
        self._clock = clock
        self._asked = asyncio.Event()
        self._done = asyncio.Event()
        self._begun: float | None = None
        self._ended = float("-inf")
        self._found = Verdict(well=False, found=f"{what} has not been looked at yet", mend="Wait a moment.")

    async def run(self) -> None:
        """Look whenever somebody asks, until cancelled."""
        while True:
            await self._asked.wait()
            self._begun = self._clock.monotonic()
            try:
                self._found = await self._looked()
            finally:
                self._begun = None
            self._ended = self._clock.monotonic()
            self._asked.clear()
            self._done.set()

    async def fresh(self, seconds: float) -> None:
        """Returns when what `verdict` tells is new enough, and after so many seconds in any case."""
        good_for = self._good_for if self._found.well else min(self._good_for, AGAIN_SECONDS)
        if self._clock.monotonic() - self._ended < good_for:
            return
        if not self._asked.is_set():
            self._done.clear()
            self._asked.set()
        try:
            async with asyncio.timeout(seconds):
                await self._done.wait()
        except TimeoutError:
            pass  # `verdict` says since when it is waited for

    def verdict(self) -> Verdict:
        """As last found; a look that does not end is told, too."""
        waited = 0.0 if self._begun is None else self._clock.monotonic() - self._begun
        if waited < self._patience:
            return self._found
        return Verdict(well=False, found=f"{self._what} has not answered for {waited:.0f} s", mend=self._mend)

    async def _looked(self) -> Verdict:
        try:
            return await self._look()
        except CalanqueError as error:
            return Verdict(well=False, found=str(error), mend=self._mend)
        except Exception as error:
            # The message of a foreign exception may quote anything.
            _log.exception("%s could not be looked at", self._what)
            return Verdict(
                well=False, found=f"{self._what} could not be looked at ({type(error).__name__})", mend=self._mend
            )


class Stall:
    """A check that something which waits also moves. `waiting`: how much waits; `progress`: anything that is another
    value after something was done; `seconds`: how long nothing may happen while something waits."""

    def __init__(
        self,
        *,
        waiting: Callable[[], float],
        progress: Callable[[], object],
        seconds: float,
        stuck: str,
        mend: str,
        clock: Clock,
    ) -> None:
        self._waiting = waiting
        self._progress = progress
        self._seconds = seconds
        self._stuck = stuck
        self._mend = mend
        self._clock = clock
        self._last: object = None
        self._since = clock.monotonic()

    def __call__(self) -> Verdict:
        waiting, progress, now = self._waiting(), self._progress(), self._clock.monotonic()
        if not waiting or progress != self._last:
            self._last, self._since = progress, now
        still = now - self._since
        if still < self._seconds:
            return Verdict(well=True, found=f"{waiting:.0f} waiting" if waiting else "nothing waits")
        return Verdict(well=False, found=f"{self._stuck} for {still:.0f} s while {waiting:.0f} wait", mend=self._mend)


class Readiness:
    """All checks by name. Ready is who passes every one."""

    def __init__(self, checks: Mapping[str, Check], *, probes: Sequence[Probe] = (), clock: Clock) -> None:
        self._checks = dict(checks)
        self._probes = tuple(probes)
        self._clock = clock
        self._before: dict[str, Standing] = {}

    async def look(self, *, seconds: float) -> tuple[Standing, ...]:
        """How everything stands; what takes a while is waited for so long at most."""
        await asyncio.gather(*(probe.fresh(seconds) for probe in self._probes))
        return self.standing()

    def standing(self) -> tuple[Standing, ...]:
        """How everything stands, from what is known."""
        now = self._clock.now()
        for name, check in self._checks.items():
            verdict, before = _heard(name, check), self._before.get(name)
            changed = before is None or before.verdict.well != verdict.well
            since = now if before is None or changed else before.since
            self._before[name] = Standing(name=name, verdict=verdict, since=since)
        return tuple(self._before.values())


def _heard(name: str, check: Check) -> Verdict:
    try:
        return check()
    except Exception as error:
        _log.exception("the check %s broke", name)
        found = f"could not be looked at ({type(error).__name__})"
        return Verdict(well=False, found=found, mend="This is a defect; please report what the log says.")


def ready(standing: Sequence[Standing]) -> bool:
    return all(each.verdict.well for each in standing)

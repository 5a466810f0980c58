"""The door to an engine: shut while the engine is away. Whoever waits then keeps their place, and learns of it at once.

Whoever finds the engine away shuts the door; it is opened by whoever finds it back. Nobody goes to an engine behind a
shut door, so the order in which people wait is the one in which they go on.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import BackendError, EngineBroke, EngineGone, EngineStalled, EngineUnreachable, ModelMissing
from bot.ports import Clock

PASSING = (EngineUnreachable, EngineStalled, EngineBroke, ModelMissing)
"""Failures of an engine that may pass: it starts, loads, is busy, was killed, or an operator fetches the model."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between a failure and the next look at the engine: doubled with each failure in a row."""

LONGEST_LOOK = 5.0
"""How late, in seconds, somebody may be told that their patience is at an end."""


@dataclass(slots=True, eq=False)
class Patience:
    """How long one question waits for an engine that is away, in seconds, in all: several absences count together."""

    seconds: float = math.inf
    _used: float = 0.0
    _since: float | None = None

    @property
    def held_up(self) -> bool:
        """Whether it waits for the engine now."""
        return self._since is not None

    def begins(self, now: float) -> None:
        if self._since is None:
            self._since = now

    def ends(self, now: float) -> None:
        if self._since is not None:
            self._used += now - self._since
            self._since = None

    def left(self, now: float) -> float:
        waiting = 0.0 if self._since is None else now - self._since
        return self.seconds - self._used - waiting


@dataclass(slots=True, eq=False)
class _Wait:
    """`line`: the limit of a wait in line, which stands still while the engine is away; `rest`: what is left of it."""

    patience: Patience
    line: asyncio.Timeout | None
    scope: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    rest: float | None = None

    def held_up(self, now: float) -> None:
        self.patience.begins(now)
        if self.line is not None and not self.line.expired() and (until := self.line.when()) is not None:
            self.rest = until - asyncio.get_running_loop().time()
            self.line.reschedule(None)

    def goes_on(self, now: float) -> None:
        self.patience.ends(now)
        if self.line is not None and self.rest is not None:
            if not self.line.expired():
                self.line.reschedule(asyncio.get_running_loop().time() + self.rest)
            self.rest = None


class Door:
    """One engine's. It shuts only while somebody watches it (`watched`), who opens it again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits: set[_Wait] = set()
        self._opened = asyncio.Event()
        self._opened.set()
        self._shut = asyncio.Event()
        self._waited_for = asyncio.Event()
        self.failures = 0
        self.watched = False
        self.error: BackendError | None = None
        self.since = 0.0
        self.on_open: Callable[[], None] = lambda: None
        self.on_failure: Callable[[BackendError], None] = lambda _: None

    @property
    def shut(self) -> bool:
        return self.error is not None

    @property
    def held_up(self) -> int:
        """Questions that wait for the engine because it is away."""
        return sum(each.patience.held_up for each in self._waits)

    @property
    def pause(self) -> float:
        """Seconds before the engine is looked at again: longer with each failure since it last gave an answer."""
        return min(FIRST_PAUSE * 2 ** min(max(0, self.failures - 1), 16), LONGEST_PAUSE)

    def fails(self, error: BackendError) -> None:
        """The engine was found away; nothing happens where nobody watches."""
        if not self.watched:
            return
        now = self._clock.monotonic()
        self.failures += 1
        self.on_failure(error)
        if self.error is None:
            self.since = now
            for wait in self._waits:
                wait.held_up(now)
        self.error = error
        self._opened.clear()
        self._shut.set()
        self._look()

    def open(self) -> None:
        """The engine is there."""
        if self.error is None:
            return
        now = self._clock.monotonic()
        self.error = None
        self._shut.clear()
        self._opened.set()
        for wait in self._waits:
            if wait.line is not None:
                wait.goes_on(now)
        self.on_open()

    def answers(self) -> None:
        """The engine does what it is asked: whatever failed before counts no more."""
        self.failures = 0

    async def until_shut(self) -> None:
        await self._shut.wait()

    async def through(self, patience: Patience) -> None:
        """Returns when the door is open. Raises as `waiting`."""
        async with self.waiting(patience):
            await self._opened.wait()

    @asynccontextmanager
    async def waiting(self, patience: Patience, *, line: asyncio.Timeout | None = None) -> AsyncGenerator[None]:
        """Around a wait: for the engine, or in its `line`. Raises EngineGone or ModelMissing at the end of patience."""
        wait = _Wait(patience, line)
        self._waits.add(wait)
        if line is None or self.shut:
            wait.held_up(self._clock.monotonic())
            self._look()
        try:
            async with wait.scope:
                yield
        except TimeoutError:
            if not wait.scope.expired():
                raise
            raise self._out_of(patience) from None
        finally:
            self._waits.discard(wait)
            wait.goes_on(self._clock.monotonic())

    async def look_at_clock(self) -> None:
        """Until cancelled: tell those whose patience is at an end."""
        while True:
            await self._waited_for.wait()
            now = self._clock.monotonic()
            held_up = [each for each in self._waits if each.patience.held_up]
            if not held_up:
                self._waited_for.clear()
                continue
            for wait in held_up:
                if wait.patience.left(now) <= 0 and not wait.scope.expired():
                    wait.scope.reschedule(asyncio.get_running_loop().time())
            left = [each.patience.left(now) for each in held_up]
            await self._clock.sleep(min(LONGEST_LOOK, *(max(seconds, FIRST_PAUSE) for seconds in left)))

    def _look(self) -> None:
        if self.watched:
            self._waited_for.set()

    def _out_of(self, patience: Patience) -> BackendError:
        why = self.error
        said = f"the engine did not come back within {patience.seconds:g} s ({why or 'it did not answer'})"
        if isinstance(why, ModelMissing):
            return ModelMissing(said)
        return EngineGone(said, minutes=max(1, round(patience.seconds / 60)))

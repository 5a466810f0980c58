"""Which engine serves a place: the operator's, or the labelled demo model where that is allowed.

The demo model stands in only on the platforms named for it, only while the operator's engine does not answer or lacks
its model. Everywhere else people wait for a missing engine: one looks for all of them when it is back (`run`), with
growing pauses, and they go on in the order in which they wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.errors import BackendError, CalanqueError, EngineUnreachable, ModelMissing
from bot.lanes.door import PASSING, Patience
from bot.lanes.lanes import Lanes
from bot.lanes.standing import SLOW_SECONDS, Standing, held_up, slow
from bot.ports import Clock, Counters
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Engine

log = logging.getLogger(__name__)

GOOD_FOR_SECONDS = 60.0
"""A successful probe is believed this long; a request that fails ends the belief at once (`forget`)."""

BAD_FOR_SECONDS = 2.0
"""A failed probe is believed this long, so that a busy server does not probe a dead engine for every question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An engine to be asked, through its lanes."""

    lanes: Lanes
    engine: Engine


@dataclass(slots=True)
class _Belief:
    engine: Engine | None = None
    error: BackendError | None = None
    until: float = float("-inf")


class Engines:
    """Chooses and remembers. `demo_platforms`: names of the platforms where the demo may stand in."""

    def __init__(
        self,
        main: Lanes,
        demo: Lanes | None,
        *,
        demo_platforms: Collection[str],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._main = main
        main.door.on_failure = self._failed
        self._demo = demo
        self._demo_platforms = frozenset(demo_platforms)
        self._clock = clock
        self._counters = counters
        self._belief = _Belief()
        self._demo_engine: Engine | None = None
        self._probing = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled: while the engine is away, look for it. Without this nobody waits for it: what it fails with
        is raised at once."""
        door = self._main.door
        door.watched = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(door.look_at_clock())
                while True:
                    await door.until_shut()
                    await self._clock.sleep(door.pause)
                    await self._look()
        finally:
            door.watched = False
            door.open()

    @property
    def main(self) -> Lanes:
        """The lanes of the operator's engine."""
        return self._main

    def queued(self, person: str, conversation: Conversation) -> AbstractContextManager[None]:
        """Be counted before an engine is looked for, which may take as long as loading a model. Raises QueueFull.

        One queue for all, whichever engine will serve.
        """
        return self._main.queued(person, conversation)

    async def seat(self, place: Place) -> Seat:
        """The engine for a place. Raises the BackendError of the operator's engine where nothing may stand in."""
        try:
            return Seat(lanes=self._main, engine=await self._probed())
        except (EngineUnreachable, ModelMissing):
            if self._demo is None or place.platform not in self._demo_platforms:
                raise
        if self._demo_engine is None:
            self._demo_engine = await self._demo.probe()
        return Seat(lanes=self._demo, engine=self._demo_engine)

    def at_once(self, place: Place) -> Seat | None:
        """The engine for a place where nobody has to look for it first."""
        known = self._belief.engine
        if known is None or self._main.door.shut or self._clock.monotonic() >= self._belief.until:
            return None
        return Seat(lanes=self._main, engine=known)

    async def awaited(self, place: Place, patience: Patience, *, main: bool = False) -> Seat:
        """As `seat`, however long the engine is away. `main`: nothing may stand in.

        Raises EngineGone or ModelMissing where patience ends, and at once what does not pass.
        """
        door = self._main.door
        while True:
            try:
                async with door.waiting(patience):
                    return Seat(lanes=self._main, engine=await self._probed()) if main else await self.seat(place)
            except PASSING:
                if not door.shut:
                    raise
                await door.through(patience)

    def standing(self, since: float) -> Standing | None:
        """Of somebody who waits for a seat since then; None while that is not worth a word."""
        if (error := self._main.door.error) is not None:
            return held_up(error)
        return slow() if self._clock.monotonic() - since >= SLOW_SECONDS else None

    @property
    def away_seconds(self) -> float | None:
        """Since the engine was first found away; None while it is there, as far as we know."""
        door = self._main.door
        return self._clock.monotonic() - door.since if door.shut else None

    @property
    def away_because(self) -> str:
        """The kind of its last failure, by the error's name; empty while it is there."""
        error = self._main.door.error
        return "" if error is None else type(error).__name__

    @property
    def held_up(self) -> int:
        """Questions that wait for the engine because it is away."""
        return self._main.door.held_up

    def forget(self) -> None:
        """The engine failed in a request: probe again before the next."""
        self._belief = _Belief()

    def serving(self, platform: str) -> Engine | None:
        """What would serve a platform, as last found, without asking again; None while nothing would."""
        if self._belief.engine is not None:
            return self._belief.engine
        return self._demo_engine if self._belief.error is not None and platform in self._demo_platforms else None

    async def _probed(self) -> Engine:
        async with self._probing:
            belief = self._belief
            if self._clock.monotonic() >= belief.until:
                belief = await self._probe()
                self._belief = belief
        if belief.engine is not None:
            return belief.engine
        assert belief.error is not None
        raise belief.error.with_traceback(None)

    def _failed(self, error: BackendError) -> None:
        """A request or a probe has: nothing that was believed counts any more. Told once, until it answers again."""
        level = logging.DEBUG if self._main.door.failures > 1 else logging.WARNING
        log.log(level, "the engine fails; questions wait until it is back: %s", error)
        self._belief = _Belief(error=error)

    async def _look(self) -> None:
        """Once, for all who wait; `_probe` opens the door where it may be."""
        self._belief.until = float("-inf")
        try:
            await self._probed()
        except CalanqueError:
            return  # told already
        except Exception:
            log.exception("looking for the engine failed")

    async def _probe(self) -> _Belief:
        was_away = self._belief.error is not None
        try:
            engine = await self._main.probe()
        except BackendError as error:
            self._counters.add("engine_probe_failures_total", error=type(error).__name__)
            if isinstance(error, PASSING) and self._main.door.watched:
                self._main.door.fails(error)
            else:  # whoever asks is told what is wrong
                # Told once an absence, not once a question.
                log.log(logging.DEBUG if was_away else logging.WARNING, "the engine cannot be used: %s", error)
                self._main.door.open()
            return _Belief(error=error, until=self._clock.monotonic() + BAD_FOR_SECONDS)
        if was_away:
            log.info("the engine is back: %s", engine.model)
        self._main.door.open()
        return _Belief(engine=engine, until=self._clock.monotonic() + GOOD_FOR_SECONDS)

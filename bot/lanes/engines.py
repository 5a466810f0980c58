"""Which engine serves a place: the operator's, or the labelled demo model where that is allowed.

The demo model stands in only on the platforms named for it, only while the operator's engine does not answer or lacks
its model. Everywhere else a missing engine is an error that people are told about, and the next question tries again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.errors import BackendError, EngineUnreachable, ModelMissing
from bot.lanes.lanes import Lanes
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
        self._demo = demo
        self._demo_platforms = frozenset(demo_platforms)
        self._clock = clock
        self._counters = counters
        self._belief = _Belief()
        self._demo_engine: Engine | None = None
        self._probing = asyncio.Lock()

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

    async def _probe(self) -> _Belief:
        was_away = self._belief.error is not None
        try:
            engine = await self._main.probe()
        except BackendError as error:
            self._counters.add("engine_probe_failures_total", error=type(error).__name__)
            # Told once an absence, not once a question.
            log.log(logging.DEBUG if was_away else logging.WARNING, "the engine cannot be used: %s", error)
            return _Belief(error=error, until=self._clock.monotonic() + BAD_FOR_SECONDS)
        if was_away:
            log.info("the engine is back: %s", engine.model)
        return _Belief(engine=engine, until=self._clock.monotonic() + GOOD_FOR_SECONDS)

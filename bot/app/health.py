"""Joins what the program knows of itself: `/healthz`, `/readyz`, `/metrics`, and the watchdog that heeds them."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import platform
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

from bot.app.checks import ALARMS, STARTED, STOPPING, Known, Watched, checks, probes, unheard
from bot.operate.checks import Readiness
from bot.operate.logs import Redactor
from bot.operate.notify import Notifier
from bot.operate.watchdog import LoopWatch, Watchdog
from bot.settings import Supervisor, Switch
from bot.settings.secret_values import secret_values

if TYPE_CHECKING:
    from bot.operate.exposition import Exposition, Gauges


_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """What is asked of the outbox."""

    @property
    def asked_to_wait(self) -> int: ...


class Health:
    """How the program is. `started` and `stopping` are to be said when that is so."""

    def __init__(self, watched: Watched, notifier: Notifier) -> None:
        shared = watched.shared
        self._with = watched
        self._notifier = notifier
        self._known = Known()
        self._begun = shared.clock.monotonic()
        self._exposition: Exposition | None = None
        self.loop = LoopWatch(clock=shared.clock, counters=shared.counters, on_beat=notifier.alive)
        self.probes = probes(watched, self._known)
        database, engine = self.probes
        checked = checks(watched, self._known, database=database, engine=engine)
        self.readiness = Readiness(checked, probes=self.probes, clock=shared.clock)
        self.watchdog = Watchdog(self.readiness, alarms=ALARMS, clock=shared.clock, counters=shared.counters)

    def delivers(self, outbox: Outbox) -> None:
        """From now on there is an outbox."""
        self._known.asked_to_wait = lambda: outbox.asked_to_wait

    def started(self) -> None:
        self._known.phase = STARTED
        self._notifier.started()

    def stopping(self) -> None:
        self._known.phase = STOPPING
        self._notifier.stopping()

    def facts(self) -> Mapping[str, object]:
        """For `/healthz`."""
        return {
            "version": _version(),
            "pid": os.getpid(),
            "up_seconds": round(self._with.shared.clock.monotonic() - self._begun, 1),
            "worst_loop_lag_seconds": round(self.loop.worst, 3),
            **({"tool_servers": servers} if (servers := self._with.servers.facts()) else {}),
        }

    async def metrics(self) -> tuple[str, bytes]:
        """For `/metrics`: the content type, and the text. The library is loaded when it is needed first."""
        exposition = self._exposition
        if exposition is None:
            exposition = self._exposition = await asyncio.to_thread(self._new_exposition)
        return exposition.content_type, exposition.text()

    def _new_exposition(self) -> Exposition:
        from bot.operate.exposition import Exposition  # noqa: PLC0415 - a tenth of a second at every start

        return Exposition(self._with.shared.counters, self.gauges())

    def gauges(self) -> Gauges:
        """How each declared gauge is read."""
        watched, known = self._with, self._known
        lanes, discord, ready = watched.engines.main, watched.platforms.discord, watched.platforms.ready
        on_page: Gauges = {
            "turns_waiting": lambda: lanes.waiting,
            "turns_in_line": lambda: lanes.in_line,
            "questions_pending": lambda: known.backlog.questions if known.looked else None,
            "questions_oldest_seconds": self._oldest,
            "deliveries_unfinished": lambda: {state.value: n for state, n in known.backlog.deliveries.items()},
            "platform_up": lambda: {name: float(event.is_set()) for name, event in ready.items()},
            "engine_up": lambda: None if known.engine is None else float(known.engine),
            "engine_away_since_seconds": lambda: None if known.away is None else known.away.timestamp(),
            "engine_requests": lambda: watched.main.in_flight,
            "engine_read_tokens_per_second": lambda: lanes.rates.prefill,
            "engine_write_tokens_per_second": lambda: lanes.rates.generation,
            "ready": lambda: {each.name: float(each.verdict.well) for each in self.readiness.standing()},
            "mcp_server_up": lambda: watched.servers.up() or None,
            "build_info": lambda: {(_version(), platform.python_version()): 1.0},
        }
        if discord is None:
            return on_page
        return {
            **on_page,
            "inbox_waiting": lambda: {discord.name: unheard(watched.platforms)},
            "gateway_latency_seconds": lambda: discord.latency if math.isfinite(discord.latency) else None,
            "gateway_shards": lambda: discord.shards[1],
            "gateway_shards_up": lambda: discord.shards[0],
        }

    def _oldest(self) -> float | None:
        known, now = self._known, self._with.shared.clock.now()
        if not known.looked:
            return None
        return 0.0 if known.backlog.oldest is None else max(0.0, (now - known.backlog.oldest).total_seconds())


@cache
def _version() -> str:
    try:
        return version("calanque")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


@asynccontextmanager
async def attended(watched: Watched, supervisor: Supervisor | None) -> AsyncGenerator[Health]:
    """Within it the program is watched, and tells how it is. Raises SettingsError, PortInUse or OperatorError."""
    settings = watched.shared.settings
    async with AsyncExitStack() as stack:
        notifier = stack.enter_context(Notifier(supervisor, clock=watched.shared.clock))
        health = Health(watched, notifier)
        await stack.enter_async_context(health.loop)
        tasks = [asyncio.create_task(probe.run()) for probe in health.probes]
        tasks.append(asyncio.create_task(health.watchdog.run(), name="watchdog"))
        for task in tasks:
            task.add_done_callback(_told)
        stack.push_async_callback(_ended, tasks)
        if settings.health.enabled is not Switch.OFF:
            from bot.operate.health import HealthPages, HealthServer  # noqa: PLC0415 - aiohttp takes a while to load

            pages = HealthPages(
                health.readiness,
                metrics=health.metrics,
                facts=health.facts,
                redact=Redactor(secret_values(settings)),
            )
            await stack.enter_async_context(HealthServer(settings.health, pages).serving())
        yield health


def _told(task: asyncio.Task[None]) -> None:
    """These run to the end: one that breaks takes nothing with it, but nobody watches any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("what watches over the program broke; restart it, and report this", exc_info=error)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

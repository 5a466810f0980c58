"""What `/readyz` checks: each part of the program is asked whether it can do its work now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.app.parts import Platforms, Shared
from bot.errors import BackendError, OperatorError
from bot.lanes.engines import Engines
from bot.operate.attended import Attended
from bot.operate.checks import Check, Probe, Stall, Verdict
from bot.ports.servers import NoServers, ToolServers
from bot.talk.delivery import DeliveryState
from bot.talk.record import Backlog

LAST_CHECK = "last-check"
"""The fact that is written to see whether the database can be written."""

DATABASE_GOOD_FOR = 5.0
ENGINE_GOOD_FOR = 20.0
"""Seconds for which a look is believed."""

ENGINE_SECONDS = 8.0
"""For a look at the engine, which needs no model."""

QUESTIONS = 4
"""Times the queue's bound: so many questions may be unanswered."""

UNDELIVERED = 1000
UNHEARD = 1000
"""Answers that may wait to be shown, and events that may wait to be written down."""

STUCK_SECONDS = 180.0
"""What waits moves within this time, or something is stuck. A delivery that fails is tried again after a minute."""

OVERDUE_SECONDS = 30.0
"""So much longer than its settings allow a request to the engine may be silent: the adapter ends it itself before."""

ALARMS = ("database", "answering", "hearing", "delivering")
"""What is stuck, or is told by nobody else; of Discord and of the engine their own parts tell."""

STARTING = Verdict(well=False, found="the program is starting", mend="Wait until it has started.")
STARTED = Verdict(well=True, found="the program has started")
STOPPING = Verdict(well=False, found="the program is ending", mend="Start it again, if that was not meant.")

_KNOWN_TO_BE = (DeliveryState.OPEN, DeliveryState.READY)
_RESTART = "Restart the program, which loses nothing, and report what the log says."
_MEND_GATEWAY = {
    "discord": "Wait: it connects by itself. The log says why it is away; https://discordstatus.com may, too.",
    "local": "Wait a moment; the log says why the page cannot be served.",
}


class Keeps(Protocol):
    """What is asked of the store."""

    async def tally(self, platforms: Collection[str]) -> Backlog: ...
    async def save_fact(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched. `present`: raises while the engine is not there, and loads nothing; `main`: its requests.

    `servers`: the tool servers of others, without which the program is ready all the same.
    """

    shared: Shared
    store: Keeps
    platforms: Platforms
    engines: Engines
    main: Attended
    present: Callable[[], Awaitable[None]]
    servers: ToolServers = field(default_factory=NoServers)


@dataclass(slots=True)
class Known:
    """What was last found. `engine`: whether it is there, None before the first look; `away`: since when it is not.

    `asked_to_wait`: how many deliveries are not tried now because their platform asked for that; the outbox tells, as
    soon as there is one.
    """

    phase: Verdict = STARTING
    backlog: Backlog = field(default_factory=Backlog)
    looked: bool = False
    engine: bool | None = None
    away: datetime | None = None
    asked_to_wait: Callable[[], int] = lambda: 0


def probes(watched: Watched, known: Known) -> tuple[Probe, Probe]:
    """The database and the engine."""
    clock, counters = watched.shared.clock, watched.shared.counters
    names = tuple(watched.platforms.by_name)

    async def database() -> Verdict:
        begun = clock.monotonic()
        known.backlog = await watched.store.tally(names)
        await watched.store.save_fact(LAST_CHECK, clock.now().isoformat(timespec="seconds"))
        took = clock.monotonic() - begun
        known.looked = True
        counters.observe("database_check_seconds", took)
        return Verdict(well=True, found=f"read and written in {took * 1000:.0f} ms")

    async def engine() -> Verdict:
        try:
            async with asyncio.timeout(ENGINE_SECONDS):
                await watched.present()
        except (BackendError, OperatorError, TimeoutError) as error:
            known.engine, known.away = False, known.away or clock.now()
            return _without_engine(watched, str(error) or f"the engine did not answer within {ENGINE_SECONDS:g} s")
        known.engine, known.away = True, None
        return Verdict(well=True, found=f"it answers and has {watched.shared.settings.engine.model}")

    return (
        Probe(
            "the database",
            database,
            mend="See what else is busy with it, or with its disk; `calanque doctor` says more.",
            good_for=DATABASE_GOOD_FOR,
            clock=clock,
        ),
        Probe(
            "the engine",
            engine,
            mend="`calanque doctor` says what to do; it goes on by itself then.",
            good_for=ENGINE_GOOD_FOR,
            clock=clock,
        ),
    )


def _without_engine(watched: Watched, why: str) -> Verdict:
    """The demo model is enough for the page alone; on Discord it never speaks."""
    serving = watched.engines.serving("local") if set(watched.platforms.by_name) == {"local"} else None
    if serving is not None and serving.demo:
        return Verdict(well=True, found=f"the demo model {serving.model} stands in, which knows little: {why}")
    return Verdict(well=False, found=why, mend="`calanque doctor` says what to do; it goes on by itself then.")


def checks(watched: Watched, known: Known, *, database: Probe, engine: Probe) -> Mapping[str, Check]:
    """By name, in the order in which they are told."""
    counters, clock = watched.shared.counters, watched.shared.clock
    agent = watched.shared.settings.agent
    line = Stall(
        waiting=lambda: _idle_line(watched, known),
        progress=lambda: watched.main.ended,
        # A turn of the same conversation may be at its tools meanwhile.
        seconds=STUCK_SECONDS + agent.tool_seconds * agent.calls_per_step,
        stuck="the engine was asked nothing",
        mend=_RESTART,
        clock=clock,
    )
    return {
        "program": lambda: known.phase,
        **{name: _gateway(watched.platforms, name, ready) for name, ready in watched.platforms.ready.items()},
        "database": database.verdict,
        "engine": engine.verdict,
        "backlog": lambda: _bounded(watched, known),
        "hearing": Stall(
            waiting=lambda: unheard(watched.platforms),
            progress=lambda: counters.total("events_total", "discord_events_failed_total"),
            seconds=STUCK_SECONDS,
            stuck="no event was written down",
            mend=f"If the database is well: {_RESTART[0].lower()}{_RESTART[1:]}",
            clock=clock,
        ),
        "answering": lambda: _overdue(watched) or line(),
        "delivering": Stall(
            waiting=lambda: _undelivered(watched, known),
            progress=lambda: counters.total("deliveries_total", "deliveries_postponed_total"),
            seconds=STUCK_SECONDS,
            stuck="nothing was delivered, nor tried",
            mend=_RESTART,
            clock=clock,
        ),
    }


def unheard(platforms: Platforms) -> int:
    """Events that have arrived and wait to be written down; those of the page are written down as they come."""
    return 0 if platforms.discord is None else platforms.discord.unheard


def _gateway(platforms: Platforms, name: str, ready: asyncio.Event) -> Check:
    def check() -> Verdict:
        if ready.is_set():
            return Verdict(well=True, found="connected" if name == "discord" else "served")
        up, shards = (0, 0) if platforms.discord is None else platforms.discord.shards
        some = f" ({up} of {shards} shards are up)" if name == "discord" and shards else ""
        return Verdict(well=False, found=f"not connected{some}", mend=_MEND_GATEWAY.get(name, "The log says more."))

    return check


def _bounded(watched: Watched, known: Known) -> Verdict:
    backlog, bound = known.backlog, watched.shared.settings.limits.queue * QUESTIONS
    undelivered = backlog.deliveries.get(DeliveryState.READY, 0)
    unsure = sum(count for state, count in backlog.deliveries.items() if state not in _KNOWN_TO_BE)
    arrived = unheard(watched.platforms)
    found = f"{backlog.questions} questions open, {undelivered} answers not shown yet, {arrived} events not heard yet"
    if unsure:
        found += f"; of {unsure} deliveries nobody knows whether they are shown (see the log)"
    if backlog.questions <= bound and undelivered <= UNDELIVERED and arrived < UNHEARD:
        return Verdict(well=True, found=found)
    return Verdict(
        well=False,
        found=f"{found}; at most {bound}, {UNDELIVERED} and {UNHEARD} should be",
        mend="Wait: it works on it. If it stays so, the engine or the database is too slow for this community.",
    )


def _overdue(watched: Watched) -> Verdict | None:
    overdue = watched.main.overdue
    if overdue <= OVERDUE_SECONDS:
        return None
    found = f"a request to the engine is silent {overdue:.0f} s longer than the settings allow"
    return Verdict(well=False, found=found, mend=_RESTART)


def _idle_line(watched: Watched, known: Known) -> int:
    """Turns in line while the engine is there and is asked nothing."""
    return 0 if known.away is not None or watched.main.in_flight else watched.engines.main.in_line


def _undelivered(watched: Watched, known: Known) -> int:
    """Answers that could be shown: every platform is connected, and has not asked to be left alone with them."""
    connected = all(ready.is_set() for ready in watched.platforms.ready.values())
    waiting = known.backlog.deliveries.get(DeliveryState.READY, 0)
    return max(0, waiting - known.asked_to_wait()) if connected else 0

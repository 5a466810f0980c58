"""Notices what is stuck, and says so once: the event loop, from a thread beside it; everything else, from within.

A loop that does not turn cannot serve `/healthz` either, nor tell systemd that it lives: whoever watches from outside
sees both. The thread is there so that the log says where it hangs.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from bot.operate.checks import Readiness, Standing
from bot.ports import Clock, Counters

_log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
"""How often the loop shows that it turns."""

WEDGED_SECONDS = 5.0
"""After so long without a beat the loop is called stuck."""

REMEMBERED_BEATS = 120
"""The worst lag is that of the last minute."""

FRAMES = 12
"""Of the stack, the innermost ones that are told."""

LOOK_SECONDS = 10.0
"""How often everything else is looked at, and how long a look may take."""


class LoopWatch:
    """An async context manager: within it, a thread watches the loop that entered it.

    `on_beat` is called at each beat, from the loop: whoever has to be told that the program lives.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        counters: Counters,
        wedged: float = WEDGED_SECONDS,
        beat: float = BEAT_SECONDS,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._counters = counters
        self._wedged = wedged
        self._beat = beat
        self._on_beat = on_beat
        self._beaten = clock.monotonic()
        self._lags: deque[float] = deque([0.0], maxlen=REMEMBERED_BEATS)
        self._over = threading.Event()
        self._watched = 0
        self._thread: threading.Thread | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def worst(self) -> float:
        """The longest lag of the last minute, in seconds."""
        return max(self._lags)

    async def __aenter__(self) -> Self:
        self._beaten = self._clock.monotonic()
        self._watched = threading.get_ident()
        self._beating = asyncio.create_task(self._keep_beating(), name="heartbeat of the loop")
        self._thread = threading.Thread(target=self._watch, name="calanque-watch", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait({self._beating})
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    async def _keep_beating(self) -> None:
        while True:
            before = self._beaten
            await asyncio.sleep(self._beat)  # real time: it is the loop itself that is measured
            self._beaten = self._clock.monotonic()
            lag = max(0.0, self._beaten - before - self._beat)
            self._lags.append(lag)
            self._counters.observe("loop_lag_seconds", lag)
            if lag + self._beat >= self._wedged:
                self._counters.add("watchdog_alarms_total", of="loop")
            self._on_beat()

    def _watch(self) -> None:
        """In the thread. One line when the loop stands still, one when it turns again."""
        stuck_at: float | None = None
        while not self._over.wait(min(1.0, self._wedged / 4)):
            beaten = self._beaten
            still = self._clock.monotonic() - beaten
            if stuck_at is None and still >= self._wedged:
                stuck_at = beaten
                _log.error(
                    "the event loop has stood still for %.1f s, and with it everything: it is at %s. If this stays so, "
                    "restart the program and report this line",
                    still,
                    stack_of(self._watched),
                )
            elif stuck_at is not None and beaten != stuck_at:
                _log.warning("the event loop turns again; it had stood still for %.1f s", beaten - stuck_at)
                stuck_at = None


class Watchdog:
    """Looks at all checks now and then. The log tells when one named in `alarms` goes wrong, and when it is well."""

    def __init__(self, readiness: Readiness, *, alarms: Collection[str], clock: Clock, counters: Counters) -> None:
        self._readiness = readiness
        self._alarms = frozenset(alarms)
        self._clock = clock
        self._counters = counters
        self._told: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.heed(await self._readiness.look(seconds=LOOK_SECONDS))
            await self._clock.sleep(LOOK_SECONDS)

    def heed(self, standing: Collection[Standing]) -> None:
        """Each change is told once."""
        for each in standing:
            if each.name not in self._alarms or each.verdict.well is (each.name not in self._told):
                continue
            if each.verdict.well:
                self._told.discard(each.name)
                _log.info("%s: well again", each.name)
            else:
                self._told.add(each.name)
                self._counters.add("watchdog_alarms_total", of=each.name)
                _log.error("%s: %s. %s", each.name, each.verdict.found.rstrip("."), each.verdict.mend)


def stack_of(thread: int) -> str:
    """Where a thread is, outermost first: functions, files and lines, and nothing of what they hold."""
    frame: FrameType | None = sys._current_frames().get(thread)  # pyright: ignore[reportPrivateUsage]
    found: list[str] = []
    while frame is not None and len(found) < FRAMES:
        code = frame.f_code
        found.append(f"{code.co_name} ({Path(code.co_filename).name}:{frame.f_lineno})")
        frame = frame.f_back
    return " > ".join(reversed(found)) or "an unknown place"

"""Shows how far a model's download is: a bar on a terminal, a line now and then elsewhere, JSON for programs."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import TextIO

from bot.operate.doctor import size
from bot.ports import Clock
from bot.talk.prompt import PullProgress

RATE_SECONDS = 10.0
"""The rate is the average over so many seconds."""

BAR_WIDTH = 24
STEP_PERCENT = 10
"""Away from a terminal, a line is written whenever so much more is there."""


class Style(StrEnum):
    BAR = "bar"
    LINES = "lines"
    JSON = "json"


_INTERVALS = {Style.BAR: 0.1, Style.JSON: 1.0}
"""Seconds between two signs of the same step."""


async def show(progress: AsyncIterator[PullProgress], *, out: TextIO, style: Style, clock: Clock) -> None:
    """Write progress to `out` until it ends; errors of the download pass through, after a clean line end."""
    display = _Display(out=out, style=style, clock=clock)
    try:
        async for step in progress:
            display.show(step)
    finally:
        display.end()


class _Display:
    def __init__(self, *, out: TextIO, style: Style, clock: Clock) -> None:
        self._out = out
        self._style = style
        self._clock = clock
        self._status = ""
        self._samples: deque[tuple[float, int]] = deque()
        self._shown_at = 0.0
        self._shown_percent = 0
        self._open_line = 0
        self._last: PullProgress | None = None

    def show(self, step: PullProgress) -> None:
        now = self._clock.monotonic()
        new = step.status != self._status
        if new:
            self.end()
            self._status, self._shown_percent = step.status, 0
            self._samples.clear()
        self._samples.append((now, step.completed))
        while len(self._samples) > 2 and now - self._samples[0][0] > RATE_SECONDS:
            self._samples.popleft()
        if new or self._is_due(step, now):
            self._write(step, now)
        else:
            self._last = step

    def end(self) -> None:
        """The last state of a step is always shown, and a bar's line is closed."""
        if self._last is not None:
            self._write(self._last, self._clock.monotonic())
        if self._open_line:
            self._out.write("\n")
            self._open_line = 0
        self._out.flush()

    def _is_due(self, step: PullProgress, now: float) -> bool:
        if self._style is Style.LINES:
            return _percent(step) >= self._shown_percent + STEP_PERCENT
        return now - self._shown_at >= _INTERVALS[self._style]

    def _write(self, step: PullProgress, now: float) -> None:
        self._last = None
        self._shown_at = now
        self._shown_percent = _percent(step) // STEP_PERCENT * STEP_PERCENT
        match self._style:
            case Style.JSON:
                entry = {"status": step.status, "completed": step.completed, "total": step.total}
                self._out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            case Style.LINES:
                self._out.write(" ".join(part for part in (step.status, self._numbers(step)) if part) + "\n")
            case Style.BAR:
                self._write_bar(step)
        self._out.flush()

    def _write_bar(self, step: PullProgress) -> None:
        line = step.status
        if step.total:
            filled = BAR_WIDTH * min(step.completed, step.total) // step.total
            line += f" [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {self._numbers(step)}"
        # Spaces wipe what a longer line left behind; escape codes would do it, too, but not on every terminal.
        self._out.write("\r" + line + " " * max(0, self._open_line - len(line)))
        self._open_line = len(line)

    def _numbers(self, step: PullProgress) -> str:
        if not step.total:
            return ""
        text = f"{_percent(step)}% of {size(step.total)}"
        (began, had), (now, has) = self._samples[0], self._samples[-1]
        if now > began and has > had:
            rate = (has - had) / (now - began)
            text += f", {size(int(rate))}/s"
            if step.completed < step.total:
                text += f", {_duration((step.total - step.completed) / rate)} left"
        return text


def _percent(step: PullProgress) -> int:
    return min(100, 100 * step.completed // step.total) if step.total else 0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"

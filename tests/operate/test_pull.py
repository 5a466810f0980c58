"""The progress of a download, for people and for programs."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.errors import EngineBroke
from bot.operate.clock import SystemClock
from bot.operate.pull import Style, show
from bot.talk.prompt import PullProgress

MIB = 1024**2


class SteppingClock(SystemClock):
    """A second passes whenever progress is made."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


class Download:
    def __init__(self, clock: SteppingClock, error: Exception | None = None, *, seconds: float = 1) -> None:
        self.clock = clock
        self.error = error
        self.seconds = seconds

    async def run(self, steps: Sequence[PullProgress]) -> AsyncGenerator[PullProgress]:
        for step in steps:
            self.clock.seconds += self.seconds
            yield step
        if self.error is not None:
            raise self.error


LAYER = [PullProgress(status="pulling 1fa8532d986d", completed=n * MIB, total=100 * MIB) for n in range(0, 101, 2)]
WHOLE = [PullProgress(status="pulling manifest"), *LAYER, PullProgress(status="success")]


async def _shown(style: Style, steps: Sequence[PullProgress] = WHOLE, *, seconds: float = 1) -> str:
    clock, out = SteppingClock(), io.StringIO()
    await show(Download(clock, seconds=seconds).run(steps), out=out, style=style, clock=clock)
    return out.getvalue()


async def test_a_terminal_sees_a_bar_with_rate_and_time_left() -> None:
    lines = (await _shown(Style.BAR)).split("\n")
    assert [line.split("\r")[-1].rstrip() for line in lines] == [
        "pulling manifest",
        "pulling 1fa8532d986d [########################] 100% of 100 MiB, 2 MiB/s",
        "success",
        "",
    ]
    halfway = lines[1].split("\r")[26]
    assert halfway.rstrip() == "pulling 1fa8532d986d [############............] 50% of 100 MiB, 2 MiB/s, 25 s left"


async def test_a_bars_shorter_line_wipes_the_longer_one() -> None:
    states = (await _shown(Style.BAR)).split("\n")[1].split("\r")[1:]
    assert all(len(after) >= len(before.rstrip()) for before, after in itertools.pairwise(states))


async def test_a_bar_is_not_redrawn_more_than_ten_times_a_second_but_ends_full() -> None:
    line = (await _shown(Style.BAR, seconds=0.01)).split("\n")[1]
    assert line.count("\r") <= 8
    assert "100%" in line.split("\r")[-1]


async def test_a_log_sees_a_line_for_each_tenth() -> None:
    lines = (await _shown(Style.LINES)).splitlines()
    assert lines[0] == "pulling manifest"
    assert lines[-1] == "success"
    assert [int(line.split("%")[0].split()[-1]) for line in lines[1:-1]] == list(range(0, 101, 10))


async def test_a_program_sees_an_object_a_line() -> None:
    lines = [json.loads(line) for line in (await _shown(Style.JSON, seconds=0.1)).splitlines()]
    assert lines[0] == {"status": "pulling manifest", "completed": 0, "total": 0}
    assert lines[-2] == {"status": "pulling 1fa8532d986d", "completed": 100 * MIB, "total": 100 * MIB}
    assert lines[-1]["status"] == "success"
    assert len(lines) < 12


@pytest.mark.parametrize("style", list(Style))
async def test_a_failing_download_leaves_a_clean_line_and_passes_its_error_on(style: Style) -> None:
    clock, out = SteppingClock(), io.StringIO()
    download = Download(clock, EngineBroke("the registry closed the connection"), seconds=0.01)
    with pytest.raises(EngineBroke):
        await show(download.run(LAYER[:5]), out=out, style=style, clock=clock)
    assert out.getvalue().endswith("\n")


@pytest.mark.parametrize(
    ("total", "left"), [(7 * 1024 * MIB, "59 min 43 s left"), (70 * 1024 * MIB, "9 h 57 min left")]
)
async def test_long_times_are_told_in_minutes_and_hours(total: int, left: str) -> None:
    steps = [PullProgress(status="pulling", completed=n * 2 * MIB, total=total) for n in range(2)]
    assert left in await _shown(Style.BAR, steps)

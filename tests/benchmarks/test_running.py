"""The benchmarks run to their end in small, and print what they promise. Their figures are not judged here."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.overhead import Plan
from benchmarks.program import CALANQUE, ROOT, BenchmarkFailed, Program

SMALL = {
    "overhead": "--window 16384 --channels 1 --warmup 1 --turns 2 --replies 1 --tokens 60",
    "footprint": "--runs 1 --guilds 2 --messages 12",
    "first_page": "--runs 1",
    "ingest": "--messages 600 --warmup 100 --channels 8 --seconds 0.1 --alone 20",
    "drops": "--drops 12 --backlog 60 --channels 4",
}
MAY_BE_NONE = {"lost", "duplicated", "backlog_lost", "backlog_duplicated", "backlog_refused"}
PROMISED = {
    "overhead": {"event_to_request_ms_p50", "event_to_request_ms_p99", "cpu_ms_per_token", "prompt_tokens"},
    "footprint": {"ready_s", "rss_mib", "plain_bot_ready_s", "plain_bot_rss_mib"},
    "first_page": {"first_page_s"},
    "ingest": {"per_s", "commit_ms_p99", "one_commit_each_per_s", "ratio"},
    "drops": {"drops", "messages", "lost", "duplicated", "backlog_messages", "catch_up_s", "backlog_lost"},
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_ends_with_its_figures_as_one_object(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *SMALL[name].split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert PROMISED[name] <= figures.keys()
    assert all(value > 0 for key, value in figures.items() if key not in MAY_BE_NONE)
    assert figures.get("lost", 0) == figures.get("duplicated", 0) == figures.get("backlog_lost", 0) == 0


@pytest.mark.parametrize(
    "wrong", ["overhead --window 4096", "footprint --guilds 0", "first_page --runs 0", "ingest --alone 0"]
)
def test_what_cannot_be_measured_is_refused_before_anything_starts(
    wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = wrong.split()
    monkeypatch.setattr("sys.argv", [name, "--json", *options])
    with pytest.raises(SystemExit) as refused:
        import_module(f"benchmarks.{name}").main()
    assert refused.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_whole_measurement_runs_on_a_prompt_that_nearly_fills_the_window() -> None:
    plan = Plan(window=131_072, channels=4, warmup=8, turns=80, replies=3, tokens=2000, pace=100)
    assert plan.past > 110_000


async def test_a_program_that_ends_by_itself_is_no_figure(tmp_path: Path) -> None:
    env = {"DISCORD_TOKEN": "not a token", "ENGINE_KIND": "nonsense"}
    async with Program([str(CALANQUE), "run"], env, tmp_path, log=tmp_path / "log") as program:
        with pytest.raises(BenchmarkFailed, match="ENGINE_KIND"):
            await program.during(asyncio.Event().wait())


async def test_what_waits_too_long_is_no_figure_and_the_process_is_ended(tmp_path: Path) -> None:
    async def too_long() -> None:
        raise TimeoutError("no answer")

    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    async with Program(command, {}, tmp_path, log=tmp_path / "log") as program:
        alone, whole = program.rss_mib()
        assert whole >= alone > 0
        with pytest.raises(BenchmarkFailed, match="no answer"):
            await program.during(too_long())
    with pytest.raises(BenchmarkFailed, match="ended"):
        program.cpu_seconds()

"""What is particular to the demo model: a process of its own that never outlives the bot."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib import metadata, util

import psutil
import pytest

from bot.errors import BackendError, EngineUnreachable
from bot.inference import embedded as module
from bot.inference.embedded import WINDOW, EmbeddedInference
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import EngineSettings
from bot.talk.finding import Level
from tests.contracts.engines import Bench, Bytes, embedded, question

CHILD = """
import asyncio
from bot.inference.embedded import EmbeddedInference
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import EngineSettings
from tests.contracts.engines import Bytes

async def main():
    engine = EmbeddedInference(EngineSettings(), images=Bytes(), counters=MemoryCounters(), clock=SystemClock())
    await engine.probe()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def _engine(**more: object) -> EmbeddedInference:
    settings = EngineSettings.model_validate(more)
    return EmbeddedInference(settings, images=Bytes(), counters=MemoryCounters(), clock=SystemClock())


def _processes(parent: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(parent).children() if "bot.inference.embedded_process" in one.cmdline()]


async def test_it_is_labelled_a_demo_that_neither_sees_nor_calls() -> None:
    async with _engine(window=32768) as engine:
        found = await engine.probe()
        assert (found.demo, found.vision, found.tools, found.window) == (True, False, False, WINDOW)
        assert {finding.level for finding in await engine.examine()} == {Level.WARNING}


async def test_closing_ends_its_process_and_a_dead_one_is_started_again() -> None:
    async with embedded() as bench:
        await bench.ask(question("hello"), reply_tokens=1)
        (first,) = _processes(os.getpid())
        first.kill()
        async with asyncio.timeout(60):
            while not await _answers(bench):
                pass  # the first question after its death fails, then it is noticed
        (second,) = _processes(os.getpid())
        assert second.pid != first.pid
    assert not _processes(os.getpid())


async def _answers(bench: Bench) -> bool:
    try:
        return bool((await bench.ask(question("hello"), reply_tokens=1)).chunks)
    except BackendError:
        return False


async def test_it_does_not_outlive_a_bot_that_was_killed() -> None:
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, stdout=asyncio.subprocess.PIPE)
    assert bot.stdout is not None
    assert await bot.stdout.readline() == b"ready\n"
    (orphan,) = _processes(bot.pid)
    bot.kill()
    await bot.wait()
    await asyncio.to_thread(psutil.wait_procs, [orphan], 60)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


async def test_a_platform_without_the_engine_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        assert name == "xllamacpp"

    monkeypatch.setattr(module, "find_spec", nothing)
    async with _engine() as engine:
        with pytest.raises(EngineUnreachable, match="platform; install Ollama"):
            await engine.probe()
        (finding,) = await engine.examine()
        assert finding.level is Level.PROBLEM
        assert (await engine.render(question("hello"))).tokens >= 10


async def test_a_missing_model_package_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    assert util.find_spec("xllamacpp") is not None
    monkeypatch.setattr(module, "distribution", missing)
    async with _engine() as engine:
        with pytest.raises(EngineUnreachable, match="not installed"):
            await engine.probe()


async def test_pictures_become_words_that_say_so() -> None:
    async with embedded() as bench:
        piece = await bench.engine.render(question("Look:", bench.pictures.add(56, 56)))
        assert piece.images == ()
        assert "cannot see" in piece.text


async def test_the_process_is_given_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a secret")
    before = {child.pid for child in psutil.Process().children()}
    async with _engine() as engine:
        await engine.probe()
        (child,) = [child for child in psutil.Process().children() if child.pid not in before]
        given = child.environ()
    assert "PATH" in given
    assert "DISCORD_TOKEN" not in given

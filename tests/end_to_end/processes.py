"""`calanque` as a process of its own, as operators run it, watched for what it must never say."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.harness import MODEL, WITHIN, Town
from tests.stores import with_tables

SECRET_WORDS = ("periwinkle", "Zanzibar")
"""Words of messages and answers in these tests: no log may hold them."""

CALANQUE = Path(sys.executable).with_name("calanque")


@dataclass(slots=True)
class Program:
    """One running `calanque`."""

    process: Process
    errors: list[str] = field(default_factory=list[str])
    output: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def said(self, words: str) -> str:
        """The first line of standard error with these words in it, as soon as it is there."""
        async with asyncio.timeout(WITHIN):
            while True:
                for line in self.errors:
                    if words in line:
                        return line
                self._news.clear()
                await self._news.wait()

    async def exit_code(self) -> int:
        async with asyncio.timeout(WITHIN):
            return await self.process.wait()

    async def ends(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return await self.exit_code()

    async def read(self) -> None:
        """Take in what it says, until it ends."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None

        async def listen() -> None:
            assert self.process.stderr is not None
            async for line in self.process.stderr:
                self.errors.append(line.decode().rstrip("\n"))
                self._news.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen())
            self.output = (await self.process.stdout.read()).decode()


def environment(place: Town, folder: Path, **more: str) -> Mapping[str, str]:
    """What an operator would put into `.env`, pointing at the doubles; nothing of this process's own."""
    own = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "SYSTEMROOT")}
    return {
        **own,
        "PYTHONWARNINGS": "error,ignore:'audioop' is deprecated:DeprecationWarning",
        "DISCORD_TOKEN": place.discord.token,
        "DISCORD_API_URL": place.discord.api_url,
        "DISCORD_GATEWAY_URL": place.discord.gateway_url,
        "ENGINE_URL": place.ollama.url,
        "ENGINE_MODEL": MODEL,
        "DATA_DIR": str(folder / "data"),
        "PAGE_PORT": "0",
        "HEALTH_PORT": "0",
        "LIMITS_SHUTDOWN_SECONDS": "0",
        "LOG_LEVEL": "DEBUG",
        **more,
    }


@asynccontextmanager
async def calanque(place: Town, folder: Path, *arguments: str, **more: str) -> AsyncGenerator[Program]:
    """The process, ended at the end if it still runs. What it logged holds neither token nor words."""
    process = await asyncio.create_subprocess_exec(
        CALANQUE, *arguments, cwd=folder, env=environment(place, folder, **more), stdout=PIPE, stderr=PIPE
    )
    program = Program(process)
    reading = asyncio.create_task(program.read())
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        async with asyncio.timeout(WITHIN):
            await process.wait()
            await reading
    log = "\n".join(program.errors)
    assert "Traceback" not in log
    for secret in (place.discord.token, *SECRET_WORDS):
        assert secret not in log
        assert secret not in program.output


@asynccontextmanager
async def on_discord(place: Town, folder: Path, **more: str) -> AsyncGenerator[Program]:
    """`calanque run`, connected; where it has no database yet, with one that has its tables."""
    if "DATABASE_URL" not in more:
        await asyncio.to_thread(with_tables, folder / "data")
    sessions = place.discord.gateway.identified
    async with calanque(place, folder, "run", **more) as program:
        await _or_its_end(program, lambda: place.discord.gateway.identified > sessions, place)
        yield program


async def _or_its_end(program: Program, connected: Callable[[], bool], place: Town) -> None:
    waiting = asyncio.create_task(place.discord.wait_for(connected, WITHIN))
    ending = asyncio.create_task(program.process.wait())
    await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        raise AssertionError(f"it ended with {program.process.returncode}: {program.errors[-5:]}")
    ending.cancel()
    await waiting


async def finished(place: Town, folder: Path, *arguments: str, **more: str) -> tuple[int, Program]:
    """A command that ends by itself: its exit code, and what it said."""
    async with calanque(place, folder, *arguments, **more) as program:
        code = await program.exit_code()
    return code, program

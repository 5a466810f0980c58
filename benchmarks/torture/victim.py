"""The program as a process that is killed and started again, and what became of each of its lives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

from benchmarks.program import CALANQUE, INHERITED, BenchmarkFailed
from benchmarks.torture.journal import Journal

OWN_EXITS = 40  # times it may end by itself before there is no use in going on
LEAVE_SECONDS = 30.0  # from SIGTERM to its end
TAIL = 15  # lines of its log that are shown


class Victim:
    """At most one process at a time, each life with a log of its own. Whoever uses it has to `kill` it at the end."""

    def __init__(
        self, env: Mapping[str, str], folder: Path, journal: Journal, command: Sequence[str] = (str(CALANQUE), "run")
    ) -> None:
        self.own_exits: list[str] = []
        self.started = 0.0
        """When the living process was made, in seconds of the monotonic clock."""
        self._command = command
        self.environ(env)
        self._folder = folder
        self._logs = folder / "lives"
        self._logs.mkdir()
        self._journal = journal
        self._process: Process | None = None
        self._lives = 0

    @property
    def log(self) -> Path:
        return self._logs / f"{self._lives:04d}.log"

    def environ(self, env: Mapping[str, str]) -> None:
        """From the next start on; of this process's own environment only what every program needs is added."""
        self._env = {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(env)

    async def start(self) -> None:
        self._lives += 1
        with self.log.open("wb") as log:
            self.started = monotonic()
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._journal.life(f"life {self._lives} begins")

    async def ended(self) -> int:
        """Its exit code when it ends by itself. Raises BenchmarkFailed when it has done so too often."""
        assert self._process is not None
        code = await self._process.wait()
        tail = " | ".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:])
        self._journal.life(f"life {self._lives} ended by itself with {code}: {tail}")
        self.own_exits.append(f"{self.log.name}: {code}")
        if len(self.own_exits) > OWN_EXITS:
            raise BenchmarkFailed(f"the program ended by itself too often, last with {code}: {tail}")
        return code

    async def kill(self, why: str) -> None:
        """SIGKILL to it and whatever it started; it is gone when this returns."""
        if self._process is None or self._process.returncode is not None:
            return
        self._journal.life(f"life {self._lives} is killed: {why}")
        self._signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, as an operator ends it: the exit code. Raises BenchmarkFailed when it does not end."""
        assert self._process is not None
        self._journal.life(f"life {self._lives} is asked to end")
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            raise BenchmarkFailed(f"the program did not end on SIGTERM within {LEAVE_SECONDS:g} s") from None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

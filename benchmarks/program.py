"""A program under measurement: a real process with its own folder and environment, watched from outside.

Only what is set here reaches it: neither the caller's environment nor a `.env` of the checkout.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar

import psutil

ROOT = Path(__file__).resolve().parents[1]
CALANQUE = Path(sys.executable).parent / "calanque"
INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
LEAVE_SECONDS = 20.0  # from SIGTERM to SIGKILL
TAIL = 30  # lines of its log that are shown when it fails
MEBIBYTE = 1024 * 1024

T = TypeVar("T")


class BenchmarkFailed(Exception):
    """There is no honest figure: the program ended, did not answer, or did something else than what is measured."""


class Program:
    """An async context manager: starts the process (in its own group), and ends the whole group at the end."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], folder: Path, *, log: Path) -> None:
        self._command = command
        self._env = {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(env)
        self._folder = folder
        self._log = log
        self.started = 0.0
        """Just before the process was made, in seconds of the monotonic clock."""

    async def __aenter__(self) -> Self:
        with self._log.open("wb") as log:
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
        self._watched = psutil.Process(self._process.pid)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            self._signal(signal.SIGKILL)  # whatever of its group is left
            await self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def during(self, work: Coroutine[object, object, T]) -> T:
        """What `work` returns. Raises BenchmarkFailed when the process ends first or `work` waited too long."""
        task, ended = asyncio.ensure_future(work), asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise BenchmarkFailed(f"the program ended with {self._process.returncode}:\n{self._tail()}")
            return task.result()
        except TimeoutError as error:
            raise BenchmarkFailed(f"{error}; the program said:\n{self._tail()}") from error
        finally:
            for each in (task, ended):
                each.cancel()
            await asyncio.gather(task, ended, return_exceptions=True)

    def cpu_seconds(self) -> float:
        """User and system time so far, of the process and of its children that live."""
        total = 0.0
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def rss_mib(self) -> tuple[float, float]:
        """Resident memory of the process, and of it with all its children. Pages that they share count twice."""
        sizes: list[int] = []
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                sizes.append(process.memory_info().rss)
        return sizes[0] / MEBIBYTE, sum(sizes) / MEBIBYTE

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._watched, *self._watched.children(recursive=True)]
        except psutil.NoSuchProcess as error:
            raise BenchmarkFailed(f"the program has ended:\n{self._tail()}") from error

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _tail(self) -> str:
        return "\n".join(self.log.splitlines()[-TAIL:])


def measure(work: Awaitable[T], *, seconds: float) -> T:
    """Run a benchmark to its end. SIGTERM ends it like Ctrl-C, so that no child is left; so does the time limit.

    Exits with 1 and one line on standard error where there is no figure.
    """

    async def bounded() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        async with asyncio.timeout(seconds):
            return await work

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        sys.exit(f"benchmark: not done after {seconds:g} s")
    except BenchmarkFailed as error:
        sys.exit(f"benchmark: {error}")
    except asyncio.CancelledError:
        sys.exit("benchmark: ended before it was done")

"""The program's end of the worker process: start it, ask it one thing at a time, end it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Self

import bot
from bot.documents.bounds import MIB, Bounds
from bot.documents.frames import LENGTHS, READY, Header, header_of, lengths, longest_answer, opening

ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # what an interpreter may need to start; never a secret
ROOT = Path(bot.__file__).resolve().parent.parent


class WorkerGone(Exception):
    """The process ended, or closed its end, before it had answered."""


class WorkerProcess:
    """One worker. After any error from `ready` or `ask`, and after a cancelled one, only `end` is allowed."""

    def __init__(self, process: Process, bounds: Bounds) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._bounds = bounds
        self._ending = False

    @classmethod
    async def start(cls, bounds: Bounds) -> Self:
        """Raises OSError where the system gives no process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-B",
            "-m",
            "bot.documents.worker",
            bounds.to_json(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # libraries complain there with parts of what they read
            cwd=ROOT,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"PYTHONUTF8": "1"},
        )
        return cls(process, bounds)

    @property
    def alive(self) -> bool:
        return not self._ending and self._process.returncode is None and not self._answers.at_eof()

    async def ready(self) -> None:
        """Wait until it can be asked. Raises WorkerGone or BadFrame."""
        header, _ = await self._receive()
        if header != READY:
            raise WorkerGone("the worker did not start as it should")

    async def ask(self, header: Header, data: bytes) -> tuple[Header, bytes]:
        """Send a request and wait for its answer. Raises WorkerGone or BadFrame."""
        try:
            self._requests.write(opening(header, len(data)))
            view = memoryview(data)
            for start in range(0, len(data), MIB):
                self._requests.write(view[start : start + MIB])
                await self._requests.drain()
        except ConnectionError:
            raise WorkerGone("the worker died while it was given the file") from None
        return await self._receive()

    async def end(self) -> None:
        """Kill it, whatever it does, and wait until it is gone. It has no state to save."""
        self._ending = True
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._requests.close()
        await self._process.wait()
        with contextlib.suppress(ConnectionError):
            await self._requests.wait_closed()

    async def _receive(self) -> tuple[Header, bytes]:
        try:
            packed = await self._answers.readexactly(LENGTHS.size)
            header_length, size = lengths(packed, most=longest_answer(self._bounds))
            header = await self._answers.readexactly(header_length)
            return header_of(header), await self._answers.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerGone("the worker died") from None

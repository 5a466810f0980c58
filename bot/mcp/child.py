"""A server as a process of its own, spoken to through its pipes, with a bound on each line and an end that is certain.

The SDK has such a transport, too; it reads a line of any length, and hands the server's standard error to ours.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from bot.errors import BackendError
from bot.mcp.throttle import A_MESSAGE, Throttle
from bot.ports import Clock

CHUNK = 64 * 1024  # bytes read at a time
MOST_RUBBISH = 50  # lines that are no message, before it is given up
GRACE_SECONDS = 2.0  # to end by itself once its input is closed, and again once it was told to
FLUSH_SECONDS = 0.5  # for what was sent already to reach it
ERROR_RATE, ERROR_BURST = 256 * 1024, 1024 * 1024  # bytes of its standard error

log = logging.getLogger(__name__)

Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def child(
    name: str,
    command: str,
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    longest: int,
    clock: Clock,
    gone: asyncio.Event,
) -> AsyncGenerator[Streams]:
    """A transport of the SDK. `longest`: bytes of a line. `gone` is set once nothing more can come of it.

    Raises BackendError where it cannot be started. Once it is left the process and all it started are gone.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            command, *args, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=dict(env), cwd=cwd, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
        raise BackendError(f"its command cannot be run: {reason}") from None
    incoming, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
    pipes = _Pipes(name, process, longest=longest, clock=clock)
    reading = asyncio.create_task(pipes.read(incoming))
    reading.add_done_callback(lambda _: gone.set())
    writing = asyncio.create_task(pipes.write(outgoing))
    tasks = [reading, writing, asyncio.create_task(pipes.drain_errors())]
    try:
        yield read, write
    finally:
        try:
            write.close()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([writing], timeout=FLUSH_SECONDS)
                await _ended(process)
        finally:
            _kill(process)  # whatever happened above, and whatever it started
            for task in tasks:
                task.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.gather(*tasks, return_exceptions=True)
                await _gone(process)
            for stream in (incoming, read, write, outgoing):
                stream.close()
            _close(process)
            if pipes.errors:
                log.info("the tool server %s wrote %d bytes to its standard error", name, pipes.errors)


class _Pipes:
    def __init__(self, name: str, process: Process, *, longest: int, clock: Clock) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._name = name
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._longest = longest
        self._clock = clock
        self.errors = 0

    async def read(self, into: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Until it ends, or says something that is too long."""
        throttle = Throttle(self._clock)
        line, rubbish = bytearray(), 0
        with into, suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            while chunk := await self._stdout.read(CHUNK):
                await throttle.take(len(chunk))
                *whole, rest = chunk.split(b"\n")
                for part in whole:
                    line += part
                    if len(line) > self._longest:
                        break
                    await throttle.take(A_MESSAGE)
                    message = _message(bytes(line))
                    line.clear()
                    if message is not None:
                        await into.send(message)
                    else:
                        rubbish += 1
                else:
                    line += rest
                if len(line) > self._longest:
                    log.warning("the tool server %s sent more than %d bytes at once", self._name, self._longest)
                    return
                if rubbish > MOST_RUBBISH:
                    log.warning("the tool server %s sends what is no message", self._name)
                    return

    async def write(self, outgoing: MemoryObjectReceiveStream[SessionMessage]) -> None:
        with outgoing, suppress(ConnectionError, OSError):
            async for each in outgoing:
                text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                self._stdin.write(f"{text}\n".encode())
                await self._stdin.drain()

    async def drain_errors(self) -> None:
        """Counted and thrown away: it may hold what people wrote."""
        throttle = Throttle(self._clock, rate=ERROR_RATE, burst=ERROR_BURST)
        with suppress(ConnectionError):
            while chunk := await self._stderr.read(CHUNK):
                self.errors += len(chunk)
                await throttle.take(len(chunk))


def _message(line: bytes) -> SessionMessage | None:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError:
        return None


async def _ended(process: Process) -> None:
    """Ask it to end: by closing its input, then by a signal."""
    assert process.stdin is not None
    process.stdin.close()
    if await _gone(process):
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    await _gone(process)


async def _gone(process: Process) -> bool:
    # Not `process.wait()` alone: that waits for its pipes, too, which another process may hold.
    waiting = asyncio.create_task(process.wait())
    try:
        await asyncio.wait([waiting], timeout=GRACE_SECONDS)
    finally:
        waiting.cancel()
    return process.returncode is not None


def _kill(process: Process) -> None:
    """The process and all in its group. Its id is the group's, as it was started in a session of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _close(process: Process) -> None:
    """Its pipes, which a process that left the group may still hold. There is no public way."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()

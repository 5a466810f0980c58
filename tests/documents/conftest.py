"""A real reader with a real worker process, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import psutil
import pytest
import pytest_asyncio

from bot.documents.reader import DocumentReader
from bot.ports import Documents
from bot.settings import Limits
from bot.talk.document import Document, TextDocument

HELLO = TextDocument(name="a.txt", text="hello")


class HandClock:
    """Time stands still until the test moves it."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        sleeper = (self._seconds + seconds, woken)
        self._sleepers.append(sleeper)
        try:
            await woken.wait()
        finally:
            self._sleepers.remove(sleeper)

    def move(self, seconds: float) -> None:
        self._seconds += seconds
        for due, woken in self._sleepers:
            if due <= self._seconds:
                woken.set()

    def waits_for(self, seconds: float) -> bool:
        """Whether somebody sleeps that long from now."""
        return any(due == self._seconds + seconds for due, _ in self._sleepers)


async def hello(reader: Documents) -> Document:
    """A read that works wherever the reader does: it must give `HELLO`."""
    return await reader.read("a.txt", "text/plain", b"hello")


def workers() -> list[psutil.Process]:
    """The worker processes of this test process, dead but unreaped ones included."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        try:
            if child.status() == psutil.STATUS_ZOMBIE or "bot.documents.worker" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def until(condition: object, *, seconds: float = 30) -> None:
    """Wait for something that no event announces (another process's state)."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.002)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def reader(clock: HandClock) -> AsyncGenerator[DocumentReader]:
    async with DocumentReader(Limits(), clock=clock) as opened:
        yield opened
    assert not workers(), "a worker was left behind"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting_reader() -> AsyncGenerator[DocumentReader]:
    """For tests whose loop is their module's, and that do nothing to the worker: starting it takes longer than most."""
    async with DocumentReader(Limits(), clock=HandClock()) as opened:
        yield opened

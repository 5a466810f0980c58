"""What the tests of this room share."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.settings import EngineSettings
from tests.ollama_server import OllamaServer


@dataclass
class Counts:
    """Counters that can be read."""

    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        self.seen.append((name, labels))

    def observe(self, name: str, value: float, /) -> None:
        self.seen.append((name, {}))


@dataclass
class Pictures:
    """What the store has of pictures."""

    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return {digest: self.kept[digest] for digest in digests if digest in self.kept}


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


Connect = Callable[..., OllamaInference]
"""Makes an adapter; keywords are settings of the engine."""


@pytest.fixture(scope="session")
def tekken() -> Tekken:
    return Tekken()


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as running:
        yield running


@pytest_asyncio.fixture
async def connect(server: OllamaServer, tekken: Tekken, counts: Counts, pictures: Pictures) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        def make(**settings: object) -> OllamaInference:
            chosen = EngineSettings.model_validate({"url": server.url} | settings)
            made = OllamaInference(chosen, images=pictures, counters=counts, clock=RealClock(), tekken=tekken)
            stack.push_async_callback(made.aclose)
            return made

        yield make

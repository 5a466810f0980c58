"""The model that tells languages: loaded when it is first needed, in a thread, and then kept.

It takes a second or two to unpack, and some 20 MiB beside NumPy's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache

from bot.languages.identify import Identifier, Ranks

Identifies = Callable[[], Awaitable[Identifier]]
"""Gives the identifier, loaded once."""


def load() -> Identifier:
    """Blocks for a second or two."""
    return Identifier(ranks())


@lru_cache(maxsize=1)
def ranks() -> Ranks:
    """Of the library's own languages, unpacked once. Blocks for a second or two."""
    # Not at the start of the program: most of its runs need no language told, and so no NumPy.
    from bot.languages.grams import load as load_grams  # noqa: PLC0415

    return load_grams().ranks


class Lazy:
    """`await lazy()` gives the identifier; however many ask at once, it is loaded once."""

    def __init__(self, loads: Callable[[], Identifier] = load) -> None:
        self._loads = loads
        self._lock = asyncio.Lock()
        self._loaded: Identifier | None = None

    async def __call__(self) -> Identifier:
        if self._loaded is None:
            async with self._lock:
                if self._loaded is None:
                    self._loaded = await asyncio.to_thread(self._loads)
        return self._loaded

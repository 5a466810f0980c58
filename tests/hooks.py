"""Doors in a wall: something whose every asynchronous method tells a test before it begins and after it has ended."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from bot.storage.store import SqlStore
from tests.outfit import Around

At = Callable[[str, object], Awaitable[None]]
"""Told the name of a moment (`save_delivery begins`, `open_turn ended`) and, where it has ended, what it gave."""


class Hooked:
    """Passes for what it wraps; tests see every await that the verbs do on it."""

    def __init__(self, inner: object, at: At) -> None:
        self._inner = inner
        self._at = at

    def __getattr__(self, name: str) -> Any:
        value: Any = getattr(self._inner, name)
        at = self._at

        async def call(*arguments: Any, **named: Any) -> Any:
            await at(f"{name} begins", None)
            result = await value(*arguments, **named)
            await at(f"{name} ended", result)
            return result

        async def generate(*arguments: Any, **named: Any) -> AsyncGenerator[Any]:
            await at(f"{name} begins", None)
            async with aclosing(value(*arguments, **named)) as items:
                async for item in items:
                    yield item
                    await at(f"{name} goes on", None)
            await at(f"{name} ended", None)

        if inspect.isasyncgenfunction(value):
            return generate
        return call if inspect.iscoroutinefunction(value) else value


def in_store(at: At) -> Around[object]:
    """Around the store of a house, and nothing else."""
    return lambda part: Hooked(part, at) if isinstance(part, SqlStore) else part


class Halt:
    """`around` a house: its store stops once at each moment of `at`, until `may`; where it has stopped is no longer in
    `at`."""

    def __init__(self, *at: str) -> None:
        self.at = list(at)
        self.may = asyncio.Event()
        self.around = in_store(self._told)

    async def _told(self, moment: str, _result: object) -> None:
        if moment in self.at:
            self.at.remove(moment)
            await self.may.wait()

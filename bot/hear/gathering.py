"""What arrives while something is done is done together, next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gathering(Generic[T, R]):
    """Does one thing for many at once: `work` takes what has gathered, at most `most`, and gives as many results.

    In the order of arrival, one batch at a time. Where a batch fails, each of it is done alone, so that nobody fails
    by what others brought. How many wait is bounded by who calls: each caller waits for its own result.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def bring(self, item: T) -> R:
        """The result for this. Raises what `work` raises for it."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await result

    async def close(self) -> None:
        """Returns when all that was brought is done."""
        if self._serving is not None:
            await asyncio.wait([self._serving])

    async def _serve(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                wanted = [(item, result) for item, result in batch if not result.cancelled()]
                if wanted:
                    await self._do(wanted)
        finally:
            self._serving = None
            while self._waiting:  # only where this task itself was cancelled
                self._waiting.popleft()[1].cancel()

    async def _do(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            done = await self._work([item for item, _ in batch])
        except asyncio.CancelledError:
            for _, result in batch:
                result.cancel()
            raise
        except Exception as error:
            if len(batch) == 1:
                _tell(batch[0][1], error)
            else:
                # Beside each other: what they wait for, such as a locked database, is waited for once.
                await asyncio.gather(*(self._do([one]) for one in batch))
            return
        for (_, result), value in zip(batch, done, strict=True):
            if not result.done():
                result.set_result(value)


def _tell(result: asyncio.Future[R], error: Exception) -> None:
    if not result.done():
        result.set_exception(error)

"""What makes digests, as those see it who have them made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.talk.digest import Digest, Order, Progress
from bot.talk.message import Person


class Makes(Protocol):
    async def make(
        self, order: Order, *, waited_for: Person | None, progress: Callable[[Progress], None] = ...
    ) -> Digest: ...

    async def gather(self, order: Order) -> Digest:
        """Without the model."""
        ...

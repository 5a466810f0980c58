"""Questions to everyone in a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Polls(Protocol):
    async def open(self, question: str, answers: Sequence[str], *, hours: int, several: bool, call: str) -> bool:
        """In the place where the asker is; whether it stands there by now, or will when the platform is there again.

        `call`: of this very call; the same again opens nothing. Raises ValueError with what would be right.
        """
        ...

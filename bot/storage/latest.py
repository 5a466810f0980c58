"""What was looked up last, for as long as nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """One thing is kept, so that the memory is that of one search. For threads: two at once may look it up twice."""

    def __init__(self) -> None:
        self._kept: tuple[object, T] | None = None

    def of(self, what: object, look_up: Callable[[], T]) -> T:
        """`what` tells apart whatever might be looked up, by what it is made of."""
        kept = self._kept
        if kept is None or kept[0] != what:
            kept = self._kept = (what, look_up())
        return kept[1]

"""Joins what the parts of the house bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def joined(*several: Mapping[str, T]) -> dict[str, T]:
    """Raises ValueError for a name that two bring: one of them would never be called."""
    whole: dict[str, T] = {}
    for each in several:
        if doubled := whole.keys() & each.keys():
            raise ValueError(f"two parts bring {', '.join(sorted(doubled))}")
        whole.update(each)
    return whole

"""Many values in statements of bounded size."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

BATCH = 500
"""Values in one IN: both databases limit them."""


def batches(values: Iterable[T]) -> Iterable[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch

"""What a text means, as a direction: texts that mean alike point alike. Kept in a byte a number."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 127
"""The largest number of a byte with a sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """`codes` are signed bytes; each number is its code times `scale`. Its length is one."""

    codes: bytes
    scale: float

    def numbers(self) -> list[float]:
        return [code * self.scale for code in array("b", self.codes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """What makes vectors. Those of another `fingerprint` cannot be compared with its own."""

    name: str
    dimensions: int
    fingerprint: str

    @property
    def index(self) -> str:
        """What the vectors of the index are known by: those that were made in another way are made anew."""
        return f"{self.fingerprint} headed"


def quantized(numbers: Sequence[float]) -> Vector:
    """Of length one, whatever length the numbers have. Raises ValueError for what points nowhere."""
    length = math.sqrt(math.fsum(number * number for number in numbers))
    if not math.isfinite(length) or length == 0:
        raise ValueError("a vector without a direction")
    largest = max(map(abs, numbers))
    codes = array("b", (round(number * MOST / largest) for number in numbers))
    return Vector(codes=codes.tobytes(), scale=largest / MOST / length)


def leaning(vector: Vector, towards: Vector, *, share: float) -> Vector:
    """Between the two, `share` of the way from the first: less than half."""
    both = zip(vector.numbers(), towards.numbers(), strict=True)
    return quantized([own + share * (other - own) for own, other in both])

"""Why words for a time that comes again are refused: in English for models and logs, and as a reason of a few for
whoever is told in their own language."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """FORM: it is written in no form that is known. RANGE: a number of it is too small or too large. NEVER: it never
    comes. OFTEN: it comes too often."""

    FORM = "form"
    RANGE = "range"
    NEVER = "never"
    OFTEN = "often"


class Refused(ValueError):
    """`part`: of the words, with what it must lie between, where that is the reason."""

    def __init__(self, message: str, why: Why, *, part: str = "", low: int = 0, high: int = 0) -> None:
        super().__init__(message)
        self.why = why
        self.part = part
        self.low = low
        self.high = high

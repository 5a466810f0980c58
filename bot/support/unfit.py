"""What was asked for cannot be had."""

from __future__ import annotations


class Unfit(Exception):
    """The key of the sentence that says why, and its values."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

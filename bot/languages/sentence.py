"""What a sentence of the bot is, before it is translated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """`many`: the text for more than one; `by`: the value that says how many."""

    key: str
    text: str
    many: str | None = None
    by: str = "count"

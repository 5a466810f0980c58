"""What a sentence of the bot is, before it is translated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    key: str
    text: str
    many: str | None = None

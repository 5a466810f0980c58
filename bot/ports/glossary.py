"""How the community writes its own words in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the text, and how it is to be written; the same where it stays as it is."""

    word: str
    written: str


class Glossary(Protocol):
    def terms(self, text: str, *, to: str) -> tuple[Term, ...]:
        """Those that occur in the text, in their order, for a language tag like "de". Raises ValueError with what would
        be right."""
        ...

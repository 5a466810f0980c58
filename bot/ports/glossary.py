"""How the community writes its own words in each language, and what no translation may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word as it stands in the text, and how it is to be written: one of these, or as it is where there is none."""

    word: str
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescribed:
    """For one text. `stays`: code, links, mentions, emoji and times that stand in it, to be left as they are.

    `languages`: all that the glossary has; `known`: whether the one that was asked for is among them.
    """

    terms: tuple[Term, ...] = ()
    stays: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    known: bool = True


class Glossary(Protocol):
    async def prescribed(self, text: str, *, to: str) -> Prescribed:
        """In the order of the text, each once; `to` is a language tag like "de". Raises ValueError with what would be
        right."""
        ...

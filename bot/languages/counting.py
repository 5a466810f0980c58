"""The plural forms of a locale: how many, which number takes which, by Unicode's CLDR as Babel has it.

For the tools of developers; the program reads the rule from the header of each catalog.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

EXAMPLES = 6
# Numbers that are tried: every small one, and the round ones that some languages count otherwise.
_TRIED = (*range(1, 201), 0, 1000, 10_000, 100_000, 1_000_000, 2_000_000)


@dataclass(frozen=True, slots=True)
class Form:
    """`examples`: some numbers that take it, smallest first. `single`: the number, where it is for one only."""

    examples: tuple[int, ...]
    single: int | None


@lru_cache(maxsize=64)
def header(locale: str) -> str:
    """As gettext writes it."""
    # Babel is among the tools of developers, who alone come here.
    from babel.messages.plurals import get_plural  # noqa: PLC0415

    rule = get_plural(locale.replace("-", "_"))
    return f"nplurals={rule.num_plurals}; plural={rule.plural_expr};"


@lru_cache(maxsize=64)
def forms(locale: str) -> tuple[Form, ...]:
    """In the order of the header."""
    said = header(locale)
    count = int(said.partition("=")[2].partition(";")[0])
    chosen = _rule(said)
    numbers = [tuple(n for n in _TRIED if chosen(n) == index) for index in range(count)]
    return tuple(
        Form(examples=tuple(sorted(taken)[:EXAMPLES]), single=taken[0] if len(taken) == 1 else None)
        for taken in numbers
    )


def _rule(said: str) -> Callable[[int], int]:
    return gettext.c2py(said.partition("plural=")[2].rstrip(";"))

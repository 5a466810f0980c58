"""Dice, because a language model's own rolls are not random."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import SystemRandom
from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool

MOST_TERMS = 10
MOST_DICE = 100  # of all terms together
MOST_SIDES = 1000
MOST_ADDED = 1_000_000

_TERM = re.compile(r"(?:([0-9]{0,6})d([0-9]{1,6}|%)(?:k([hl])([0-9]{1,6}))?|([0-9]{1,9}))", re.IGNORECASE)
_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")  # all but between two numbers
_ADVICE = "write dice like d20, 3d6+2, 2d8 + 1d4 - 1, d%, or 4d6kh3 to keep the highest three (kl: the lowest)"

Dice = Annotated[
    str, Field(min_length=1, max_length=100, description="For example d20, 3d6+2, 4d6kh3 (keep highest 3), 2d20kl1.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """`count` dice of `sides`, of which `keep` are counted (the `highest` or lowest); or, without sides, a number."""

    sign: int
    count: int
    sides: int = 0
    keep: int | None = None
    highest: bool = True


@tool(Effect.READS, seconds=2, beside=True, doing="doing-roll")
async def roll(_context: CallContext, dice: Dice = "d6") -> str:
    """Roll dice and tell what each shows, and the sum."""
    random = SystemRandom()
    total, shown = 0, list[str]()
    for term in read(dice):
        value, text = _rolled(term, random)
        total += term.sign * value
        shown.append(("- " if term.sign < 0 else "+ " if shown else "") + text)
    return f"{' '.join(dice.split())}: {' '.join(shown)} = {total}"


def read(dice: str) -> list[Term]:
    """Raises ValueError with what would be right."""
    text = _SPACE.sub("", dice)
    terms: list[Term] = []
    at = 0
    while at < len(text) or not terms:
        sign = {"+": 1, "-": -1}.get(text[at : at + 1], 0)
        at += abs(sign)
        match = _TERM.match(text, at)
        if match is None or (terms and not sign):
            raise ValueError(f"{dice.strip()!r} are no dice; {_ADVICE}")
        terms.append(_term(sign or 1, match))
        at = match.end()
    if len(terms) > MOST_TERMS:
        raise ValueError(f"at most {MOST_TERMS} kinds of dice and numbers at once")
    if not any(term.sides for term in terms):
        raise ValueError(f"{dice.strip()!r} are no dice; {_ADVICE}")
    if sum(term.count for term in terms if term.sides) > MOST_DICE:
        raise ValueError(f"at most {MOST_DICE} dice at once")
    return terms


def _term(sign: int, match: re.Match[str]) -> Term:
    count, sides, which, keep, number = match.groups()
    if number is not None:
        if int(number) > MOST_ADDED:
            raise ValueError(f"numbers that are added go up to {MOST_ADDED}")
        return Term(sign=sign, count=int(number))
    term = Term(
        sign=sign,
        count=int(count or 1),
        sides=100 if sides == "%" else int(sides),
        keep=int(keep) if keep else None,
        highest=(which or "h").lower() == "h",
    )
    if not 2 <= term.sides <= MOST_SIDES:
        raise ValueError(f"a die has 2 to {MOST_SIDES} sides")
    if not 1 <= term.count <= MOST_DICE:
        raise ValueError(f"roll 1 to {MOST_DICE} dice")
    if term.keep is not None and not 1 <= term.keep <= term.count:
        raise ValueError(f"of {term.count} dice, 1 to {term.count} can be kept")
    return term


def _rolled(term: Term, random: SystemRandom) -> tuple[int, str]:
    if not term.sides:
        return term.count, str(term.count)
    faces = [random.randint(1, term.sides) for _ in range(term.count)]
    shown = f"[{', '.join(str(face) for face in faces)}]"
    if term.keep is None:
        return sum(faces), shown
    kept = sorted(faces, reverse=term.highest)[: term.keep]
    return sum(kept), f"{shown} keeping {', '.join(str(face) for face in kept)}"

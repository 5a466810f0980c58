"""A question to everyone in a place, with answers to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.units import units

QUESTION = 300
ANSWER = 55
"""UTF-16 units: Discord's limits, by whichever way it counts."""
LEAST_ANSWERS, MOST_ANSWERS = 2, 10
MOST_HOURS = 768


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Plain words: no Markdown and no mention has an effect in them. `several`: one may choose more than one answer.

    Raises ValueError that says what would be right.
    """

    question: str
    answers: tuple[str, ...]
    hours: int
    several: bool = False

    def __post_init__(self) -> None:
        if not LEAST_ANSWERS <= len(self.answers) <= MOST_ANSWERS:
            raise ValueError(f"a poll has {LEAST_ANSWERS} to {MOST_ANSWERS} answers")
        if not self.question or units(self.question) > QUESTION:
            raise ValueError(f"the question has 1 to {QUESTION} characters")
        if not all(answer and units(answer) <= ANSWER for answer in self.answers):
            raise ValueError(f"each answer has 1 to {ANSWER} characters")
        if len({answer.casefold() for answer in self.answers}) < len(self.answers):
            raise ValueError("two of the answers are the same")
        if not 1 <= self.hours <= MOST_HOURS:
            raise ValueError(f"a poll is open for 1 to {MOST_HOURS} hours")

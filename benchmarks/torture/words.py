"""The words that tell messages apart, and the answers that the engine gives to them."""

from __future__ import annotations

import re
from random import Random

QUESTION = re.compile(r"\bq\d{6}[a-z]{3}\b")
CHATTER = re.compile(r"\bc\d{6}[a-z]{3}\b")
_LETTERS = "bdfghkmnprstvz"
LONG_LINES = 24
"""Lines of an answer that takes two messages on Discord."""
ELSE = "A calm day in the harbour."
"""What the engine says where nobody asks anything, e.g. as a summary."""


def word(kind: str, index: int, random: Random) -> str:
    """`q` or `c`, a number and three letters: found by one of the patterns, and part of no other word."""
    return f"{kind}{index:06d}{''.join(random.choices(_LETTERS, k=3))}"


def answer(asked: str, *, long: bool) -> str:
    """What the engine says to the question with this word."""
    if not long:
        return f"As to {asked}: the tide has turned."
    rest = "the boats are in and the nets are drying along the quay while the gulls look on."
    lines = [f"{number}. On {asked} {rest}" for number in range(1, LONG_LINES + 1)]
    return "\n".join(lines)


def plain(text: str) -> str:
    """The text without the program's own small lines (what stands behind `-#`), spaces and breaks made one space."""
    return " ".join(" ".join(line for line in text.splitlines() if not line.startswith("-# ")).split())


def asked_in(prompt: str) -> str | None:
    """The word of the question that a prompt ends with: what somebody says stands last in the last turn."""
    last = prompt[prompt.rfind("[INST]") :]
    found = QUESTION.findall(last)
    return found[-1] if found and " says to you " in last else None

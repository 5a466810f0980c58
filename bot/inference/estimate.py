"""How many tokens a text is at most, roughly, where the model's vocabulary is not known.

An over-estimate for prose, code and logs in the vocabularies of today's multilingual models: about half as much again
for English, two to three times for other scripts. It is no bound: a text made for the purpose can cost more, and then
the engine says so (ContextOverflow).
"""

from __future__ import annotations

import re
from math import ceil

from bot.talk.turn import Image

MESSAGE_TOKENS = 12
"""What a chat template writes around a message, at most."""

PROMPT_TOKENS = 64
"""What a chat template writes around a whole chat: its opening, a date, instructions for tools."""

_LONGEST_WORD = 16
_STRETCHES = re.compile(r"[A-Za-z]+|[0-9]| +|[\x00-\x7f]|[^\x00-\x7f]+")


def estimate(text: str) -> int:
    """Tokens of a text, at most."""
    return sum(map(_stretch, _STRETCHES.findall(text)))


def estimate_image(image: Image) -> int:
    """Tokens of a picture: one for each 28 × 28 pixels and one a row, as Pixtral counts, the dearest in use."""
    columns, rows = ceil(image.width / 28), ceil(image.height / 28)
    return max(columns * rows + rows, 16)


def _stretch(text: str) -> int:
    if text[0] == " ":
        return len(text) // 2  # one space belongs to the word behind it
    if not text.isascii():
        return sum(
            4 if ord(character) > 0xFFFF else ceil(len(character.encode(errors="replace")) / 2) for character in text
        )
    if not text.isalpha():
        return 1
    natural = len(text) <= _LONGEST_WORD and (text.islower() or text.isupper() or text[1:].islower())
    return ceil(len(text) / 3) if natural else len(text)

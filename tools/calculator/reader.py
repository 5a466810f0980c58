"""A place in the words of an expression: what comes next, and how to say what is wrong there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tools.calculator.tokens import Kind, Token
from tools.calculator.units import near

INTO = frozenset({"in", "to", "as", "into", "->", "→"})
WORDS = INTO | {"of", "off", "per", "mod", "and", "between", "from", "until", "since"}
MOST_SHOWN = 30  # characters of a word in an explanation

T = TypeVar("T")


class Reader:
    """Goes over the words once, from left to right."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._notes: dict[str, None] = {}

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _ahead(self, by: int) -> Token:
        return self._tokens[max(0, min(self._at + by, len(self._tokens) - 1))]

    def _take(self) -> Token:
        token = self._now
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _took(self, text: str) -> bool:
        """Whether this came next; then it is behind."""
        if found := self._now.text == text:
            self._take()
        return found

    def _expect(self, text: str) -> None:
        if not self._took(text):
            raise self._wrong(f"{text!r} is missing")

    def _note(self, note: str) -> None:
        """Something to say beside the answer, once."""
        if note:
            self._notes[note] = None

    def _wrong(self, what: str, token: Token | None = None) -> ValueError:
        return ValueError(f"at character {(token or self._now).at}: {what}")

    def _unexpected(self, token: Token | None = None) -> str:
        wrong = token or self._now
        if wrong.kind is Kind.NAME and wrong.text not in WORDS:
            return near(wrong.text[:MOST_SHOWN])
        return f"{wrong.text[:MOST_SHOWN]!r} cannot stand there"

    def _explained(self, make: Callable[[], T], token: Token, name: str = "") -> T:
        """What is made, or else the reason why not, with the place."""
        try:
            return make()
        except ValueError as error:
            if str(error).startswith("at character"):
                raise
            about = name if str(error).startswith(("takes", "needs", "rounds", "has")) else ""
            raise self._wrong(f"{about} {error}".strip(), token) from None

"""What people are shown of what the model wrote: without secrets, and with no live links but known ones."""

from __future__ import annotations

import re

from bot.answer.links import LONGEST_LINE, Defanging
from bot.answer.named import Named
from bot.talk.redaction import Redaction

LONGEST_HELD = 300
"""Characters at the end of a growing text that are held back because a link may be under way."""

LONGEST_REST = LONGEST_LINE + 100
"""Characters of an unfinished line that are looked at again for each token; more are settled at a space."""

GROWTH = 1.1
"""What cannot be settled, a line without spaces, is looked at again when it is so many times as long."""

_MASK = re.compile(r"!?\[[^\[\]\n]{0,200}(?:\](?:\([^()\n]{0,600})?)?\Z")
_ADDRESS = re.compile(r"<?[a-z][a-z0-9+.-]{1,31}:[^\s<>]*\Z", re.IGNORECASE)


class Saying:
    """Of one text that grows at its end. What is settled is looked at once, until more addresses become known."""

    def __init__(self, redact: Redaction, named: Named) -> None:
        self._redact = redact
        self._named = named
        self._begin()

    def _begin(self) -> None:
        self._revision = self._named.revision
        self._read = ""
        self._done = ""
        self._looked_at = self._due = 0
        self._looked = ""
        self._lines = Defanging(self._named)

    def grown(self, text: str) -> str:
        """As far as it is clear what stands there."""
        text = text[: len(text) - self._redact.unclear(text)]
        return self._said(text[: self._redact.outside(text, _under_way(text))], growing=True)

    def whole(self, text: str, *, ended: bool) -> str:
        """`ended`: the model has said all it wanted; where it was broken off, it may have been in the middle of it."""
        return self._said(text if ended else text[: len(text) - self._redact.unclear(text)])

    def _said(self, text: str, *, growing: bool = False) -> str:
        if self._revision != self._named.revision or not text.startswith(self._read):
            self._begin()
        end = text.rfind("\n") + 1
        if end > len(self._read):
            # A secret may be spelled over several lines.
            end = text.rfind("\n", 0, self._redact.outside(text, end)) + 1
        if end > len(self._read):
            for line in self._redact(text[len(self._read) : end])[:-1].split("\n"):
                self._done += self._lines.line(line) + "\n"
            self._read = text[:end]
        rest = text[len(self._read) :]
        if len(rest) > LONGEST_REST and (settled := self._settled(rest)):
            self._done += self._lines.begun(self._redact(rest[:settled]))
            self._read += rest[:settled]
            rest = rest[settled:]
        # The end of the line is looked at again while it grows.
        if growing and len(rest) > LONGEST_REST and len(self._read) < self._looked_at <= len(text) < self._due:
            return self._looked
        self._looked_at, self._due = len(text), len(self._read) + int(GROWTH * len(rest))
        self._looked = self._done + self._lines.unfinished(self._redact(rest))
        return self._looked

    def _settled(self, rest: str) -> int:
        """Up to where nothing that is still to come can change it; 0 where there is no such place."""
        at = rest.rfind(" ", 0, LONGEST_REST) + 1
        begun = rest[:at]
        doubtful = "```" in begun or _MASK.search(begun, max(0, at - 3 * LONGEST_HELD)) or self._redact.unclear(begun)
        return 0 if doubtful else at


def _under_way(text: str) -> int:
    """Where a link begins that may not be complete; else the end."""
    end = len(text)
    opening = text.rfind("[", max(0, end - LONGEST_HELD))
    if opening >= 0 and _MASK.match(text, opening):
        return opening - text.startswith("!", opening - 1) if opening else opening
    word = max(text.rfind(" ", max(0, end - LONGEST_HELD)), text.rfind("\n", max(0, end - LONGEST_HELD))) + 1
    word = max(word, end - LONGEST_HELD)
    if ":" in text[word:] and (found := _ADDRESS.search(text, word)) is not None:
        return found.start()
    return end

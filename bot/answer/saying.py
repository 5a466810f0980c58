"""What people are shown of what the model wrote: without secrets, and with no live links but known ones."""

from __future__ import annotations

import re

from bot.answer.links import Defanging
from bot.answer.named import Named
from bot.talk.redaction import Redaction

LONGEST_HELD = 300
"""Characters at the end of a growing text that are held back because a link may be under way."""

_UNDER_WAY = re.compile(
    r"(?:!?\[[^\[\]\n]{0,200}(?:\](?:\([^()\s]*)?)?|<?[a-z][a-z0-9+.-]{1,31}:[^\s<>]*)\Z", re.IGNORECASE
)


class Saying:
    """Of one text that grows at its end. Whole lines are looked at once, as long as no more addresses become known."""

    def __init__(self, redact: Redaction, named: Named) -> None:
        self._redact = redact
        self._named = named
        self._begin()

    def _begin(self) -> None:
        self._revision = self._named.revision
        self._read = ""
        self._shown: list[str] = []
        self._lines = Defanging(self._named)

    def grown(self, text: str) -> str:
        """As far as it is clear what stands there."""
        held = self._redact.unclear(text)
        text = text[: len(text) - held]
        if (found := _UNDER_WAY.search(text, max(0, len(text) - LONGEST_HELD))) is not None:
            text = text[: found.start()]
        return self._said(text)

    def whole(self, text: str, *, ended: bool) -> str:
        """`ended`: the model has said all it wanted; where it was broken off, it may have been in the middle of it."""
        return self._said(text if ended else text[: len(text) - self._redact.unclear(text)])

    def _said(self, text: str) -> str:
        if self._revision != self._named.revision or not text.startswith(self._read):
            self._begin()
        end = text.rfind("\n") + 1
        if end > len(self._read):
            new = self._redact(text[len(self._read) : end])
            self._shown.append("\n".join(map(self._lines.line, new[:-1].split("\n"))) + "\n")
            self._read = text[:end]
        # The last line is looked at again while it grows.
        last = self._lines.copy().line(self._redact(text[end:]))
        return "".join((*self._shown, last))

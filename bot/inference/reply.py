"""Turns an engine's raw words into chunks: text as soon as it is certain to be text, calls at the end."""

from __future__ import annotations

from collections.abc import Iterator

from bot.inference.calls import Arrays, broken, opened, opening, read
from bot.inference.neutral import restore, unfinished
from bot.inference.tekken import Tekken
from bot.talk.prompt import CallChunk, TextChunk


class ReplyReader:
    """Reads one reply. Held back is only what may begin a call or spell a control token that `neutral` had escaped."""

    def __init__(self, *, tools: bool, tekken: Tekken) -> None:
        self._tools = tools
        self._tekken = tekken
        self._said = ""
        self._tail = ""
        self._arrays: Arrays | None = None
        self._words = 0

    def feed(self, words: str) -> TextChunk | None:
        """One line of the stream; what of the text is certain by now."""
        if words:
            self._words += 1
            self._said += words
        text = "".join(self._certain(words))
        return TextChunk(text=text) if text else None

    def finish(self, *, reply_tokens: int | None, stopped: bool) -> Iterator[TextChunk | CallChunk]:
        """What was held back, as what it turned out to be.

        `reply_tokens` is the engine's count; `stopped`: the model ended by itself, with a token for that. The count
        tells a call from the same JSON as prose, because the token that opens a call is counted but not shown.
        """
        held = self._tail if self._arrays is None else self._arrays.text
        if self._arrays is None or not self._is_call(held, reply_tokens, stopped=stopped):
            if held:
                yield TextChunk(text=restore(held))
            return
        try:
            calls = read(held.strip())
        except (ValueError, RecursionError):
            calls = (broken(held),)
        for call in calls:
            yield CallChunk(call=call)

    def _certain(self, words: str) -> Iterator[str]:
        rest = words
        while rest:
            if self._arrays is not None:
                rest = self._arrays.feed(rest)
                if rest:  # it was prose after all
                    yield restore(self._arrays.text)
                    self._arrays = None
                continue
            rest = self._tail + rest
            begin = opening(rest) if self._tools else len(rest)
            if opened(rest[begin:]):
                self._arrays, self._tail = Arrays(), ""
                yield restore(rest[:begin])
                rest = rest[begin:]
                continue
            begin = min(begin, len(rest) - unfinished(rest))
            self._tail = rest[begin:]
            yield restore(rest[:begin])
            return

    def _is_call(self, held: str, reply_tokens: int | None, *, stopped: bool) -> bool:
        if reply_tokens is None:
            return True
        generated = reply_tokens - stopped
        if generated <= self._words:  # every token was seen as text
            return False
        count = self._tekken.count
        return generated == count(self._said.removesuffix(held)) + count(held) + 1 or generated != count(self._said)

"""What is looked for in one view of a text, and where it stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.talk.readings import Reading
from bot.talk.spellings import Folding, View

LEAST_BEGUN = 3
"""Characters at the end of a growing text that are taken for the beginning of one."""

LEAST_PART, PART = 12, 0.75
"""Characters, and how many of all, that count as the whole: who has so much of it needs no more."""


class Wanted:
    """`forms`: what is looked for, folded, and whether most of it counts as the whole. Each costs one search."""

    def __init__(self, view: View, forms: Iterable[tuple[str, bool]]) -> None:
        self._fold = Folding(view)
        least = {form: _least(len(form)) if parts else len(form) for form, parts in sorted(forms)}
        # Whatever counts has the middle in it.
        self._grams = tuple(
            (form[len(form) - some : some], form, len(form) - some, some) for form, some in least.items()
        )
        self._ends: dict[str, list[str]] = {}
        for form in least:
            for end in range(LEAST_BEGUN, len(form)):
                self._ends.setdefault(form[end - LEAST_BEGUN : end], []).append(form[:end])
        self.longest = max(map(len, least), default=0)

    def stands_in(self, text: str) -> bool:
        return next(self._found(text.translate(self._fold)), None) is not None

    def spans(self, reading: Reading) -> Iterator[tuple[int, int]]:
        """Where each stands in the original."""
        if spans := list(self._found(reading.text.translate(self._fold))):
            sources = self._sources(reading.text)
            for start, end in spans:
                yield reading.at[sources[start]], reading.at[sources[end - 1] + 1]

    def begun(self, text: str, *, whole: bool) -> int | None:
        """Where at the end the beginning of one stands that may go on; None where none does, -1 where it may begin
        before: the text is not the `whole`."""
        folded = text.translate(self._fold)
        if len(folded) < LEAST_BEGUN:
            return None if whole else -1
        begun = self._ends.get(folded[-LEAST_BEGUN:], ())
        if not whole and any(len(each) > len(folded) and each.endswith(folded) for each in begun):
            return -1
        longest = max((len(each) for each in begun if folded.endswith(each)), default=0)
        return self._sources(text)[-longest] if longest else None

    def _sources(self, text: str) -> list[int]:
        """Where each folded character comes from."""
        return [at for at, each in enumerate(text) for _ in self._fold[ord(each)] or ""]

    def _found(self, folded: str) -> Iterator[tuple[int, int]]:
        for gram, form, offset, least in self._grams:
            at = folded.find(gram)
            while at >= 0:
                start, end = at, at + len(gram)
                while start > max(0, at - offset) and folded[start - 1] == form[offset - at + start - 1]:
                    start -= 1
                most = min(len(folded), at - offset + len(form))
                while end < most and folded[end] == form[offset - at + end]:
                    end += 1
                if end - start >= least:
                    yield start, end
                at = folded.find(gram, at + 1)


def _least(length: int) -> int:
    return min(length, max(LEAST_PART, -int(-PART * length // 1)))
